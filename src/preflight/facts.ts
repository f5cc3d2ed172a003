// Everything the checks of one flow look at, read beforehand from both clusters and changing nothing on them.
import { Failure, sentenceOf } from '../base/failure.ts'
import type { Logger } from '../base/logger.ts'
import type { Flow } from '../config/model.ts'
import { storedTopics } from '../engine/stored-lag.ts'
import { Cluster } from '../kafka/cluster.ts'
import type { SaslMechanism } from '../kafka/cluster-settings.ts'
import type { ListedGroup } from '../kafka/groups.ts'
import type { Reached } from '../kafka/survey.ts'
import { newReplicationPolicy, type ReplicationPolicy } from '../mirror/replication-policy.ts'
import { isSelected, shouldReplicate } from '../mirror/topic-selection.ts'
import type { FlowSettings } from '../model/flow-settings.ts'
import type { Basics, TopicPair } from './basics.ts'
import { type BeyondEnd, groupsBeyondEnd, listedGroups } from './facts/groups.ts'
import { type Inventory, inventoryOf, type Selection, type TopicFacts } from './facts/inventory.ts'
import { knownTopics } from './facts/known-topics.ts'
import { lookAround } from './facts/look-around.ts'
import { type OpenTransaction, openTransactions } from './facts/transactions.ts'
import { type Trials, trialsOf } from './facts/trials.ts'
import { type PermissionVerdict, permissionVerdicts } from './facts/verdicts.ts'
import { type WorkerFacts, workersOf } from './facts/workers.ts'
import type { ToolPlace } from './remedies.ts'

/** One cluster of the flow. */
export interface Side extends ToolPlace {
  readonly role: 'source' | 'target'
  /** every address of the file, then those that brokers advertise */
  readonly reached: readonly Reached[]
  /** a SCRAM mechanism with which the same login succeeds */
  readonly otherMechanism?: SaslMechanism
  /** absent where the cluster cannot be asked */
  readonly inventory?: Inventory
  /** why it cannot be asked */
  readonly failure?: Failure
}

export interface FlowFacts {
  readonly settings: FlowSettings
  readonly policy: ReplicationPolicy
  /** all flows of the file */
  readonly flows: readonly Flow[]
  readonly source: Side
  readonly target: Side
  readonly pairs: readonly TopicPair[]
  readonly trials?: Trials
  readonly permissions: readonly PermissionVerdict[]
  /** target topics that godwit or MM2 has copied something to before; absent where that cannot be read */
  readonly copied?: ReadonlySet<string>
  /** by source topic, why a run would copy nothing of it, as is stored on the target; absent where that cannot be read */
  readonly refused?: ReadonlyMap<string, Failure>
  /** the source's groups that the flow looks after; absent where they cannot be listed */
  readonly groups?: readonly ListedGroup[]
  /** names of all groups of the source; absent as above */
  readonly groupNames?: readonly string[]
  /** committed offsets of the target that lie beyond the end of their log; absent where they cannot be read */
  readonly beyondEnd?: readonly BeyondEnd[]
  readonly workers?: WorkerFacts
  readonly transactions?: readonly OpenTransaction[]
  /** what could not be looked at, and why */
  readonly notMade: readonly { readonly check: string; readonly why: string }[]
  readonly lists: Lists
  /** the configuration file, as it was named on the command line */
  readonly file: string
  /** ms since the epoch */
  readonly now: number
}

/** The patterns of a list in the file, e.g. of `topics.exclude`. */
export type Lists = (flow: string, key: string) => readonly string[]

export interface FactParts {
  readonly flow: Flow
  readonly flows: readonly Flow[]
  /** principals of the two users, where brokers map names */
  readonly principals: Readonly<Record<'source' | 'target', string>>
  readonly lists: Lists
  /** as it was named on the command line */
  readonly file: string
  readonly log: Logger
}

/** Reads both clusters; one that cannot be reached keeps nothing back that can be learnt of the other. Never throws a Failure. */
export async function factsOf({ flow, flows, principals, lists, file, log }: FactParts): Promise<FlowFacts> {
  const { settings } = flow
  const policy = newReplicationPolicy(settings.policy, settings.sourceAlias)
  await using from = new Cluster(flow.sourceAdmin, log)
  await using to = new Cluster(flow.targetAdmin, log)
  const chosen: Selection = (topic) => shouldReplicate(topic, settings, policy).replicate
  const here = settings.enabled ? await askSide(from, chosen) : {}
  const remote = (topic: string) => policy.formatRemoteTopic(settings.sourceAlias, topic)
  const wanted = [...(here.inventory?.topics.values() ?? [])].filter(({ name }) => chosen(name))
  const names = new Set([...wanted.map(({ name }) => remote(name)), settings.offsetStorage.name])
  const there = await askSide(to, (topic) => names.has(topic))
  const pairs = wanted.map((topic) => pairOf(topic, remote(topic.name), there.inventory))
  const [source, target] = await Promise.all([
    settings.enabled ? lookAround(flow.sourceAdmin, flow.sourceCluster, here.inventory) : { reached: [] },
    lookAround(flow.targetAdmin, flow.targetCluster, there.inventory),
  ])
  const sides = {
    source: sideOf('source', flow.sourceAdmin, principals.source, { ...here, ...source }),
    target: sideOf('target', flow.targetAdmin, principals.target, { ...there, ...target }),
  }
  const learning = new Learning()
  const base: Basics = { settings, policy, pairs, source: here.inventory, target: there.inventory }
  const works = settings.enabled && there.inventory !== undefined
  const trials = works && (await learning.of('creating topics', trialsOf(to, base)))
  const listed = here.inventory && (await learning.of('groups of the source', listedGroups(from)))
  const groups = listed?.filter(({ group }) => isSelected(group, settings.groups))
  const permissionsOf = async (side: Side['role']) => {
    const verdicts = permissionVerdicts(side === 'source' ? from : to, side, { ...base, groups: groups ?? [] })
    return (await learning.of(`permissions on the ${side}`, verdicts)) ?? []
  }
  const permissions = [...(await permissionsOf('source')), ...(await permissionsOf('target'))]
  const copied = works && (await learning.of('earlier copies', knownTopics(to, flow.targetCluster, base)))
  const refused = copied && here.inventory && (await learning.of('stored positions', refusedTopics(from, to, flow)))
  const workers = works && (await learning.of('other workers', workersOf(to, settings)))
  const both = works && here.inventory !== undefined
  const beyondEnd =
    both && (await learning.of('groups of the target', groupsBeyondEnd({ source: from, target: to }, settings, pairs)))
  const transactions = here.inventory && (await learning.of('open transactions', openTransactions(from, pairs)))
  return {
    ...{ settings, policy, flows, pairs, permissions, lists, file, now: Date.now(), ...sides },
    ...(trials && { trials }),
    ...(copied && { copied }),
    ...(refused && { refused }),
    ...(groups && { groups }),
    ...(listed && { groupNames: listed.map(({ group }) => group) }),
    ...(beyondEnd && { beyondEnd }),
    ...(workers && { workers }),
    ...(transactions && { transactions }),
    notMade: [...learning.failed, ...unasked(sides.source), ...unasked(sides.target)],
  }
}

async function refusedTopics(from: Cluster, to: Cluster, { settings, targetCluster }: Flow) {
  const [here, there] = await Promise.all([from.metadata(), to.metadata()])
  return (await storedTopics(settings, { target: to, targetCluster }, { here, there })).refused
}

class Learning {
  readonly failed: { check: string; why: string }[] = []

  async of<T>(check: string, attempt: Promise<T>): Promise<T | undefined> {
    try {
      return await attempt
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      this.failed.push({ check, why: sentenceOf(error) })
      return undefined
    }
  }
}

async function askSide(cluster: Cluster, chosen: Selection): Promise<{ inventory?: Inventory; failure?: Failure }> {
  try {
    return { inventory: await inventoryOf(cluster, chosen) }
  } catch (error) {
    if (error instanceof Failure) return { failure: error }
    throw error
  }
}

function pairOf(topic: TopicFacts, targetName: string, target: Inventory | undefined): TopicPair {
  const there = target?.topics.get(targetName)
  return { topic, targetName, ...(there && { there }) }
}

function sideOf(
  role: Side['role'],
  settings: Flow['sourceAdmin'],
  principal: string,
  learnt: Pick<Side, 'reached' | 'otherMechanism' | 'inventory' | 'failure'>,
): Side {
  return { role, alias: settings.alias, settings, principal, ...learnt }
}

function unasked({ alias, failure, inventory }: Side): { check: string; why: string }[] {
  if (failure) return [{ check: `everything that cluster ${alias} has to tell`, why: failure.message }]
  // That of the clock is a finding of its own.
  const told = (inventory?.unknown ?? []).filter(({ what }) => what !== 'clock')
  const kinds = Map.groupBy(told, ({ what }) => what)
  return [...kinds].map(([what, [first]]) => ({
    check: `${what} of cluster ${alias}`,
    why: first?.failure.message ?? '',
  }))
}
