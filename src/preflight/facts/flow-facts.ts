// Everything the checks of one flow look at, read beforehand from both clusters and changing nothing on them.
import { Failure, sentenceOf } from '../../base/failure.ts'
import type { Logger } from '../../base/logger.ts'
import { type HeldBack, openTransactions } from '../../completeness/open-transactions.ts'
import type { Flow } from '../../config/model.ts'
import type { StoredTopics } from '../../engine/stored-lag.ts'
import { Admin } from '../../kafka/admin.ts'
import { Cluster } from '../../kafka/cluster.ts'
import type { ReplicationPolicy } from '../../mirror/replication-policy.ts'
import type { FlowSettings } from '../../model/flow-settings.ts'
import type { ToolPlace } from '../remedies/commands.ts'
import { type Addresses, tryAddresses } from './addresses.ts'
import { Attempts } from './attempts.ts'
import { type CreationTrials, tryCreations } from './creation-trials.ts'
import { type Clusters, type FlowBasis, type PlannedPair, readBasis, readStored } from './flow-basis.ts'
import { type BeyondEnd, type GroupFacts, readBeyondEnd, readGroups } from './groups.ts'
import type { Inventory } from './inventory.ts'
import { type PermissionVerdict, permissionVerdicts } from './permission-verdicts.ts'
import { readWorkers, type WorkerFacts } from './workers.ts'

/** One cluster of the flow, as it is administered. */
export interface Side extends ToolPlace, Addresses {
  /** absent where the cluster cannot be asked */
  readonly inventory?: Inventory
}

/** What is read beyond both clusters; absent where it cannot be read, or there is nothing to read it of. */
interface Details {
  readonly trials?: CreationTrials
  readonly groups?: GroupFacts
  readonly stored?: StoredTopics
  /** active members of the group of the flow */
  readonly workers?: WorkerFacts
  /** committed offsets of the target beyond the end of their log */
  readonly beyondEnd?: readonly BeyondEnd[]
  /** partitions of the source that open transactions hold back */
  readonly heldBack?: readonly HeldBack[]
}

export interface FlowFacts extends Details {
  readonly settings: FlowSettings
  readonly policy: ReplicationPolicy
  /** all flows of the file */
  readonly flows: readonly Flow[]
  readonly source: Side
  readonly target: Side
  readonly pairs: readonly PlannedPair[]
  readonly permissions: readonly PermissionVerdict[]
  /** what could not be read, and why */
  readonly notMade: readonly { readonly check: string; readonly why: string }[]
  readonly lists: Lists
  /** the configuration file, as it was named on the command line */
  readonly file: string
  /** ms since the epoch */
  readonly now: number
}

/** The patterns of a list in the file, e.g. of `topics.exclude`. */
type Lists = (flow: string, key: string) => readonly string[]

/** A flow that is to be checked, and where it is from. */
export interface FlowToCheck {
  readonly flow: Flow
  /** all flows of the file */
  readonly flows: readonly Flow[]
  /** principals of the two users, where brokers map names */
  readonly principals: Readonly<Record<'source' | 'target', string>>
  readonly lists: Lists
  /** as it was named on the command line */
  readonly file: string
  readonly log: Logger
}

/** Reads all that the checks of a flow look at. Never throws a Failure: what cannot be read is in `notMade`. */
export async function readFlow({ flow, principals, log, ...given }: FlowToCheck): Promise<FlowFacts> {
  await using source = new Cluster(flow.sourceAdmin, log)
  await using target = new Cluster(flow.targetAdmin, log)
  const clusters = { source, target }
  const basis = await readBasis(flow.settings, clusters)
  const sides = await readSides(flow, basis, principals)
  const attempts = new Attempts<string>()
  const details = await readDetails(flow, clusters, basis, attempts)
  const permissions = await readPermissions(clusters, { ...basis, groups: details.groups }, attempts)
  const { settings, policy, pairs } = basis
  const notMade = [
    ...attempts.failed.map(({ what, failure }) => ({ check: what, why: sentenceOf(failure) })),
    ...(['source', 'target'] as const).flatMap((side) => unreadOf(sides[side], basis.failures[side])),
  ]
  const { flows, lists, file } = given
  return { settings, policy, pairs, ...sides, ...details, permissions, notMade, flows, lists, file, now: Date.now() }
}

async function readSides(
  { settings, ...flow }: Flow,
  { source, target }: FlowBasis,
  principals: FlowToCheck['principals'],
): Promise<Record<'source' | 'target', Side>> {
  const [here, there] = await Promise.all([
    settings.enabled ? tryAddresses(flow.sourceAdmin, flow.sourceCluster, source) : { reached: [] },
    tryAddresses(flow.targetAdmin, flow.targetCluster, target),
  ])
  return {
    source: sideOf({ settings: flow.sourceAdmin, principal: principals.source }, here, source),
    target: sideOf({ settings: flow.targetAdmin, principal: principals.target }, there, target),
  }
}

function sideOf(tools: Omit<ToolPlace, 'alias'>, addresses: Addresses, inventory: Inventory | undefined): Side {
  return { ...tools, alias: tools.settings.alias, ...addresses, ...(inventory && { inventory }) }
}

async function readDetails(
  flow: Flow,
  clusters: Clusters,
  basis: FlowBasis,
  attempts: Attempts<string>,
): Promise<Details> {
  const { settings, pairs, source, target } = basis
  if (!settings.enabled) return {}
  const trials = target && (await attempts.of('creating topics', tryCreations(clusters.target, basis)))
  const groups = source && (await attempts.of('groups of the source', readGroups(clusters.source, settings)))
  const stored = source && target && (await attempts.of('stored positions', readStored(flow, clusters)))
  const workers = target && (await attempts.of('other workers', readWorkers(clusters.target, settings)))
  const beyond = groups && target && readBeyondEnd(clusters, { settings, pairs, groups })
  const beyondEnd = beyond && (await attempts.of('groups of the target', beyond))
  const heldBack = source && (await attempts.of('open transactions', readHeldBack(clusters.source, pairs)))
  return {
    ...(trials && { trials }),
    ...(groups && { groups }),
    ...(stored && { stored }),
    ...(workers && { workers }),
    ...(beyondEnd && { beyondEnd }),
    ...(heldBack && { heldBack }),
  }
}

async function readPermissions(
  clusters: Clusters,
  parts: FlowBasis & { readonly groups: GroupFacts | undefined },
  attempts: Attempts<string>,
): Promise<PermissionVerdict[]> {
  const asked = { ...parts, groups: parts.groups?.selected ?? [] }
  const source = permissionVerdicts(clusters.source, 'source', asked)
  const found = await attempts.of('permissions on the source', source)
  const target = permissionVerdicts(clusters.target, 'target', asked)
  return [...(found ?? []), ...((await attempts.of('permissions on the target', target)) ?? [])]
}

/** Asks only about partitions whose last stable offset lay behind when the offsets were read. @throws Failure when no broker answers */
async function readHeldBack(source: Cluster, pairs: readonly PlannedPair[]): Promise<HeldBack[]> {
  const held = pairs.flatMap(({ topic }) =>
    topic.partitions.flatMap(({ index: partition, latest = 0, stable = 0 }) =>
      stable < latest ? [{ topic: topic.name, partition }] : [],
    ),
  )
  const found = held.length === 0 ? [] : (await openTransactions(new Admin(source), held)).values()
  return [...found].flatMap((one) => (one instanceof Failure ? [] : [one]))
}

function unreadOf({ alias, inventory }: Side, failure: Failure | undefined): { check: string; why: string }[] {
  if (failure) return [{ check: `everything that cluster ${alias} has to tell`, why: failure.message }]
  const topics = [...(inventory?.topics.values() ?? [])]
  const refused = topics.flatMap(({ configsFailure }) => configsFailure ?? []).slice(0, 1)
  const unread = [
    // That of the clock is a finding of its own.
    ...(inventory?.unknown ?? []).filter(({ what }) => what !== 'clock'),
    ...refused.map((one) => ({ what: 'topic-configs', failure: one })),
  ]
  const kinds = Map.groupBy(unread, ({ what }) => what)
  return [...kinds].map(([what, [first]]) => ({
    check: `${what} of cluster ${alias}`,
    why: first?.failure.message ?? '',
  }))
}
