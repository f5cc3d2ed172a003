// What a run would do to one target topic. Pure.
import { counted } from '../../base/counted.ts'
import type { Failure } from '../../base/failure.ts'
import { fromDescribedConfig, partitionsToAdd } from '../../engine/target-topics.ts'
import type { TopicAcl } from '../../mirror/topic-acls.ts'
import { missingChanges, targetConfigChanges, targetConfigs } from '../../mirror/topic-configs.ts'
import { factorFor } from '../../model/flow-settings.ts'
import { hasTooFewBrokers } from '../../state/internal-topics.ts'
import type { PlannedPair } from '../facts/flow-basis.ts'
import type { TopicFacts } from '../facts/topics.ts'
import {
  cleanupDifference,
  foreignRecords,
  readableRecords,
  repeatedRecords,
  surplusPartitions,
} from '../rules/target-topic.ts'
import { isTooLong, LONGEST_TOPIC_NAME } from '../rules/topic-names.ts'
import type { ChangedConfig, Conflict, TopicPlan } from './model.ts'
import type { PlanFacts } from './plan-facts.ts'

type ExistingPair = PlannedPair & Required<Pick<PlannedPair, 'there'>>

/** The plan for one topic. @param acls that are to be added to its copy */
export function topicPlan(pair: PlannedPair, facts: PlanFacts, acls: readonly TopicAcl[]): TopicPlan {
  const { topic, targetName, there } = pair
  const common = {
    ...{ topic: topic.name, targetTopic: targetName, acls },
    partitions: { source: topic.partitions.length, target: there?.partitions.length ?? 0 },
    records: readableRecords(topic, facts.settings),
  }
  const refusal = facts.stored.refused.get(topic.name)
  if (refusal) return { ...common, ...nothing, action: 'conflict', conflicts: [refusalOf(refusal)] }
  return { ...common, ...(there ? change({ ...pair, there }, facts, acls.length) : creation(pair, facts)) }
}

const nothing = { grow: 0, configs: [], conflicts: [], notes: [] }

type Change = Omit<TopicPlan, 'topic' | 'targetTopic' | 'acls' | 'partitions' | 'records'>

function creation(pair: PlannedPair, facts: PlanFacts): Change {
  const { settings, target } = facts
  const conflicts = creationConflicts(pair, facts)
  const entries = (pair.topic.configs ?? []).map(fromDescribedConfig)
  const create = {
    replicationFactor: factorFor(settings, target.brokers.length),
    configs: targetConfigs(entries, settings.configProperties),
  }
  return { ...nothing, action: conflicts.length > 0 ? 'conflict' : 'create', create, conflicts }
}

function change(pair: ExistingPair, facts: PlanFacts, acls: number): Change {
  const grow = partitionsToAdd(pair.topic.partitions.length, pair.there.partitions.length)
  const configs = changedConfigs(pair, facts)
  const conflicts = existingConflicts(pair, facts)
  const action = conflicts.length > 0 ? 'conflict' : grow + configs.length + acls > 0 ? 'change' : 'leave'
  return { action, grow, configs, conflicts, notes: existingNotes(pair, facts) }
}

function changedConfigs({ topic, there }: ExistingPair, { settings }: PlanFacts): ChangedConfig[] {
  if (!settings.syncTopicConfigs.enabled || !topic.configs || !there.configs) return []
  const entries = there.configs.map(fromDescribedConfig)
  const now = new Map(entries.map((entry) => [entry.name, entry]))
  const wanted = targetConfigChanges(topic.configs.map(fromDescribedConfig), settings.configProperties)
  const missing = missingChanges(wanted, entries).toSorted((a, b) => (a.name < b.name ? -1 : 1))
  return missing.map((one) => {
    const entry = now.get(one.name)
    return { ...one, before: entry?.source === 'topic' ? entry.value : null }
  })
}

/** A run stops the partitions of the topic: it copies nothing of it. */
function refusalOf({ message, remedy }: Failure): Conflict {
  return { what: `${message}; a run copies nothing of it`, remedy: remedy ?? 'see godwit status' }
}

function creationConflicts({ topic, targetName }: PlannedPair, { settings, target }: PlanFacts): Conflict[] {
  const conflicts: Conflict[] = []
  if (isTooLong(targetName)) {
    const what = `its name on the target would have ${counted(targetName.length, 'character')}, more than the ${LONGEST_TOPIC_NAME} that Kafka takes`
    conflicts.push({ what, remedy: 'use IdentityReplicationPolicy, or exclude the topic' })
  }
  const brokers = target.brokers.length
  if (hasTooFewBrokers(settings, brokers)) {
    const what = `replication.factor is ${settings.replicationFactor}, but ${target.alias} has ${counted(brokers, 'broker')}`
    const remedy = `write ${settings.name}.replication.factor = ${brokers}, or -1 for the target's default`
    conflicts.push({ what, remedy })
  }
  return [...conflicts, ...unreadConfigs(topic)]
}

function existingConflicts(pair: ExistingPair, { settings, stored }: PlanFacts): Conflict[] {
  const conflicts: Conflict[] = []
  const foreign = foreignRecords(pair, stored)
  if (foreign > 0) {
    const what = `${pair.targetName} on ${settings.target} holds ${counted(foreign, 'record')} that this flow did not copy; a run puts everything of the source behind them`
    const remedy =
      'delete the topic on the target, exclude it, or choose DefaultReplicationPolicy so that copies have names of their own'
    conflicts.push({ what, remedy })
  }
  const cleanup = cleanupDifference(pair, { settings })
  if (cleanup) {
    const what = `cleanup.policy is ${cleanup.source} on ${settings.source} and ${cleanup.target} on ${settings.target}: ${cleanup.why}`
    const synced = settings.syncTopicConfigs.enabled
      ? `take cleanup.policy out of ${settings.name}.config.properties.exclude`
      : `set ${settings.name}.sync.topic.configs.enabled = true`
    conflicts.push({ what, remedy: `set it alike, or ${synced}` })
  }
  return [...conflicts, ...unreadConfigs(pair.topic), ...unreadConfigs(pair.there)]
}

function unreadConfigs({ configsFailure }: TopicFacts): Conflict[] {
  if (!configsFailure) return []
  const remedy = configsFailure.remedy ?? 'grant the user DescribeConfigs on the topic'
  return [{ what: `its configs cannot be read: ${configsFailure.message}`, remedy }]
}

function existingNotes(pair: ExistingPair, { settings, stored }: PlanFacts): string[] {
  const notes: string[] = []
  const [here, there] = [pair.topic.partitions.length, pair.there.partitions.length]
  if (surplusPartitions(pair) > 0)
    notes.push(
      `${settings.target} has ${counted(there, 'partition')}, ${settings.source} ${here}: the copy fills the first ${here}, and producers that move will spread keys over all`,
    )
  const repeated = repeatedRecords(pair, stored)
  if (repeated > 0)
    notes.push(
      `its position was reset: a run copies everything of the source again, behind the ${counted(repeated, 'record')} of the target`,
    )
  if (!settings.syncTopicConfigs.enabled)
    notes.push('configs are left as they are: sync.topic.configs.enabled is false')
  return notes
}
