// What a run would do to the target, decided by the same rules as the run: from what both clusters hold to a Plan. Pure.
import { counted } from '../base/counted.ts'
import type { Failure } from '../base/failure.ts'
import type { ReplicationPolicy } from '../mirror/replication-policy.ts'
import { aclCopies, missingAcls, type TopicAcl } from '../mirror/topic-acls.ts'
import {
  type ConfigChange,
  type ConfigEntry,
  missingChanges,
  targetConfigChanges,
  targetConfigs,
} from '../mirror/topic-configs.ts'
import {
  type SelectionReason,
  shouldReplicate,
  type UnmatchedItem,
  unmatchedItems,
  unmatchedText,
} from '../mirror/topic-selection.ts'
import { type FlowSettings, factorFor } from '../model/flow-settings.ts'

/** A topic of one side as it is now. */
export interface TopicFacts {
  readonly name: string
  readonly partitions: number
  /** between the log starts and the ends */
  readonly records: number
  /** or why they cannot be read */
  readonly configs: readonly ConfigEntry[] | Failure
}

export interface SideFacts {
  readonly alias: string
  readonly clusterId: string
  readonly brokers: number
  /** by name; of the source all, of the target those that matter */
  readonly topics: ReadonlyMap<string, TopicFacts>
  /** undefined where they are not to be copied, or there is no authorizer */
  readonly acls?: readonly TopicAcl[]
}

/** An internal topic of the flow, and whether it is there. */
export interface InternalFacts {
  readonly name: string
  readonly cluster: string
  readonly partitions: number
  /** with which it is created */
  readonly replicationFactor: number
  /** that sets it, as it is written for this flow */
  readonly key: string
  readonly exists: boolean
}

export interface Facts {
  readonly source: SideFacts
  readonly target: SideFacts
  readonly internal: readonly InternalFacts[]
  /** source topics that the flow has a position for, its own or MM2's */
  readonly known: ReadonlySet<string>
  /** source topics that a run does not go on with, as their position belongs to a topic that was deleted since; with what it says */
  readonly refused?: ReadonlyMap<string, Failure>
  /** names of all groups of the source; absent where they do not matter or cannot be listed */
  readonly groups?: readonly string[]
}

export interface Conflict {
  readonly what: string
  readonly remedy: string
}

export type ChangedConfig = ConfigChange & {
  /** on the target now; null: not set there */ readonly before: string | null
}

export interface TopicPlan {
  readonly topic: string
  readonly targetTopic: string
  readonly action: 'create' | 'change' | 'leave' | 'conflict'
  readonly partitions: { readonly source: number; readonly target: number }
  readonly records: number
  readonly create?: { readonly replicationFactor: number; readonly configs: Readonly<Record<string, string>> }
  /** partitions to add on the target */
  readonly grow: number
  readonly configs: readonly ChangedConfig[]
  readonly acls: readonly TopicAcl[]
  readonly conflicts: readonly Conflict[]
  /** what differs and stays as it is */
  readonly notes: readonly string[]
}

export interface Plan {
  readonly flow: string
  readonly source: { readonly alias: string; readonly clusterId: string }
  readonly target: { readonly alias: string; readonly clusterId: string }
  readonly topics: readonly TopicPlan[]
  readonly skipped: readonly { readonly topic: string; readonly why: SelectionReason }[]
  readonly internal: readonly (InternalFacts & { readonly action: 'create' | 'leave' })[]
  /** for all topics (`*`), where names stay */
  readonly acls: readonly TopicAcl[]
  readonly conflicts: readonly Conflict[]
  /** items of the file's lists that match no topic, or no group, of the source */
  readonly unmatched: readonly (UnmatchedItem & { readonly what: string })[]
}

const MAX_NAME = 249

/** The plan for one flow. */
export function planOf(settings: FlowSettings, policy: ReplicationPolicy, facts: Facts): Plan {
  const { source, target, internal, groups } = facts
  const names = [...source.topics.keys()].toSorted()
  const selections = names.map((topic) => ({ topic, ...shouldReplicate(topic, settings, policy) }))
  const acls = missingCopies(settings, policy, facts)
  const topics = selections
    .filter(({ replicate }) => replicate)
    .flatMap(({ topic }) => {
      const found = source.topics.get(topic)
      return found
        ? [topicPlan(settings, policy.formatRemoteTopic(settings.sourceAlias, topic), found, facts, acls)]
        : []
    })
  return {
    flow: settings.name,
    source: { alias: source.alias, clusterId: source.clusterId },
    target: { alias: target.alias, clusterId: target.clusterId },
    topics,
    skipped: selections.filter(({ replicate }) => !replicate).map(({ topic, why }) => ({ topic, why })),
    internal: internal.map((one) => ({ ...one, action: one.exists ? ('leave' as const) : ('create' as const) })),
    acls: acls.filter(({ topic }) => !topics.some(({ targetTopic }) => targetTopic === topic)),
    conflicts: [...nothingSelected(selections, settings, source), ...wholeConflicts(facts, settings)],
    unmatched: [
      ...unmatchedItems(settings.topics, 'topics', names),
      ...(groups ? unmatchedItems(settings.groups, 'groups', groups) : []),
    ].map((item) => ({ ...item, what: unmatchedText(item, settings.source) })),
  }
}

/** Whether a run would change anything beside copying records. */
export function hasChanges({ topics, internal, acls }: Plan): boolean {
  return (
    acls.length > 0 ||
    internal.some(({ action }) => action === 'create') ||
    topics.some(({ action, configs, acls: own, grow }) => action === 'create' || configs.length + own.length + grow > 0)
  )
}

/** All conflicts, those of topics named with their topic. */
export function conflictsOf({ topics, conflicts }: Plan): readonly Conflict[] {
  return [...conflicts, ...topics.flatMap((topic) => topic.conflicts)]
}

function topicPlan(
  settings: FlowSettings,
  targetTopic: string,
  here: TopicFacts,
  { target, known, refused }: Facts,
  acls: readonly TopicAcl[],
): TopicPlan {
  const there = target.topics.get(targetTopic)
  const own = acls.filter(({ topic }) => topic === targetTopic)
  const common = {
    topic: here.name,
    targetTopic,
    partitions: { source: here.partitions, target: there?.partitions ?? 0 },
    records: here.records,
    acls: own,
  }
  const refusal = refused?.get(here.name)
  if (refusal)
    return { ...common, action: 'conflict', grow: 0, configs: [], conflicts: [refusalOf(refusal)], notes: [] }
  if (!there) {
    const conflicts = creationConflicts(settings, targetTopic, here, target)
    const configs = Array.isArray(here.configs) ? targetConfigs(here.configs, settings.configProperties) : {}
    const create = { replicationFactor: factorFor(settings, target.brokers), configs }
    const action = conflicts.length > 0 ? 'conflict' : 'create'
    return { ...common, action, create, grow: 0, configs: [], conflicts, notes: [] }
  }
  const grow = Math.max(0, here.partitions - there.partitions)
  const configs = settings.syncTopicConfigs.enabled ? changedConfigs(settings, here, there) : []
  const conflicts = existingConflicts(settings, here, there, known.has(here.name))
  const changes = grow + configs.length + own.length > 0 ? 'change' : 'leave'
  const notes = existingNotes(settings, here, there)
  return { ...common, action: conflicts.length > 0 ? 'conflict' : changes, grow, configs, conflicts, notes }
}

function changedConfigs(settings: FlowSettings, here: TopicFacts, there: TopicFacts): ChangedConfig[] {
  if (!isRead(here.configs) || !isRead(there.configs)) return []
  const now = new Map(there.configs.map((entry) => [entry.name, entry]))
  const wanted = targetConfigChanges(here.configs, settings.configProperties)
  const missing = missingChanges(wanted, there.configs).toSorted((a, b) => (a.name < b.name ? -1 : 1))
  return missing.map((change) => {
    const entry = now.get(change.name)
    return { ...change, before: entry?.source === 'topic' ? entry.value : null }
  })
}

function isRead(configs: TopicFacts['configs']): configs is readonly ConfigEntry[] {
  return Array.isArray(configs)
}

function creationConflicts(settings: FlowSettings, name: string, here: TopicFacts, target: SideFacts): Conflict[] {
  const conflicts: Conflict[] = []
  if (name.length > MAX_NAME) {
    const what = `its name on the target would have ${counted(name.length, 'character')}, more than the ${MAX_NAME} that Kafka takes`
    conflicts.push({ what, remedy: 'use IdentityReplicationPolicy, or exclude the topic' })
  }
  if (factorFor(settings, target.brokers) > target.brokers) conflicts.push(tooFewBrokers(settings, target))
  if (!isRead(here.configs)) conflicts.push(unread(here.configs))
  return conflicts
}

function tooFewBrokers({ name, replicationFactor }: FlowSettings, { alias, brokers }: SideFacts): Conflict {
  const what = `replication.factor is ${replicationFactor}, but ${alias} has ${counted(brokers, 'broker')}`
  return { what, remedy: `write ${name}.replication.factor = ${brokers}, or -1 for the target's default` }
}

/** A run parks the partitions of the topic: it copies nothing of it. */
function refusalOf({ message, remedy }: Failure): Conflict {
  return { what: `${message}; a run copies nothing of it`, remedy: remedy ?? 'see godwit status' }
}

/** Heartbeats are copied whatever the lists say. */
function nothingSelected(
  selections: readonly { readonly why: SelectionReason }[],
  settings: FlowSettings,
  { alias, topics }: SideFacts,
): Conflict[] {
  if (selections.some(({ why }) => why === 'included')) return []
  const what = `${settings.name} selects none of ${counted(topics.size, 'topic')} of cluster ${alias}: nothing would be copied`
  return [{ what, remedy: 'correct topics and topics.exclude in the file; godwit check FILE prints the line' }]
}

function unread(failure: Failure): Conflict {
  const remedy = failure.remedy ?? 'grant the user DescribeConfigs on the topic'
  return { what: `its configs cannot be read: ${failure.message}`, remedy }
}

function existingConflicts(settings: FlowSettings, here: TopicFacts, there: TopicFacts, isKnown: boolean): Conflict[] {
  const conflicts: Conflict[] = []
  if (!isKnown && there.records > 0) {
    const what = `${there.name} on ${settings.target} holds ${counted(there.records, 'record')} that this flow did not copy; a run puts everything of the source behind them`
    const remedy =
      'delete the topic on the target, exclude it, or choose DefaultReplicationPolicy so that copies have names of their own'
    conflicts.push({ what, remedy })
  }
  const policies = [here, there].map(({ configs }) => configOf(configs, 'cleanup.policy'))
  if (
    policies[0] !== policies[1] &&
    policies.every((policy) => policy !== undefined) &&
    !settings.syncTopicConfigs.enabled
  ) {
    const what = `cleanup.policy is ${policies[0]} on ${settings.source} and ${policies[1]} on ${settings.target}`
    conflicts.push({ what, remedy: `set it alike, or set ${settings.name}.sync.topic.configs.enabled = true` })
  }
  for (const { configs } of [here, there]) if (!isRead(configs)) conflicts.push(unread(configs))
  return conflicts
}

function existingNotes(settings: FlowSettings, here: TopicFacts, there: TopicFacts): string[] {
  const notes: string[] = []
  if (there.partitions > here.partitions) {
    notes.push(
      `${settings.target} has ${counted(there.partitions, 'partition')}, ${settings.source} ${here.partitions}: the copy fills the first ${here.partitions}, and producers that move will spread keys over all`,
    )
  }
  if (!settings.syncTopicConfigs.enabled)
    notes.push('configs are left as they are: sync.topic.configs.enabled is false')
  return notes
}

function configOf(configs: TopicFacts['configs'], name: string): string | undefined {
  return isRead(configs) ? (configs.find((entry) => entry.name === name)?.value ?? undefined) : undefined
}

function missingCopies(settings: FlowSettings, policy: ReplicationPolicy, { source, target }: Facts): TopicAcl[] {
  if (!settings.syncTopicAcls.enabled || !source.acls) return []
  const { wanted } = aclCopies(source.acls, {
    replicates: (topic) => shouldReplicate(topic, settings, policy).replicate,
    remoteName: (topic) => policy.formatRemoteTopic(settings.sourceAlias, topic),
  })
  return missingAcls(wanted, target.acls ?? [])
}

function wholeConflicts({ source, target, internal }: Facts, settings: FlowSettings): Conflict[] {
  const conflicts: Conflict[] = []
  if (source.clusterId !== '' && source.clusterId === target.clusterId && settings.policy.kind === 'identity') {
    const what = `${source.alias} and ${target.alias} are one cluster (${source.clusterId}): every record would be copied to its own topic, for ever`
    conflicts.push({ what, remedy: `check ${source.alias}.bootstrap.servers and ${target.alias}.bootstrap.servers` })
  }
  for (const one of internal) {
    const { brokers } = one.cluster === target.alias ? target : source
    if (one.exists || one.replicationFactor <= brokers) continue
    const what = `${one.name} is to have ${counted(one.replicationFactor, 'replica')}, but ${one.cluster} has ${counted(brokers, 'broker')}`
    conflicts.push({ what, remedy: `write ${one.key} = ${brokers}, or -1 for the cluster's default` })
  }
  return conflicts
}
