// The configs a target topic will have once the flow runs: those of the trial where it is to be made, else those it has, with what the
// periodic task topic-configs will change in them. And where a config has to be changed for good.
import { travelling } from '../engine/target-topics.ts'
import { targetConfigChanges, targetConfigs } from '../mirror/topic-configs.ts'
import type { TopicPair } from './basics.ts'
import { configOf } from './facts/inventory.ts'
import type { FlowFacts } from './facts.ts'
import type { Remedy } from './finding.ts'
import { alterTopicConfig, createTopic } from './remedies.ts'

/** The value on the source topic; undefined where it is not known. */
export function sourceValue({ topic }: TopicPair, name: string): string | undefined {
  return configOf(topic.configs, name)
}

/** The value the target topic will have; undefined where it is not known. */
export function targetValue(pair: TopicPair, name: string, facts: FlowFacts): string | undefined {
  const { trials } = facts
  const missing = trials?.topics.get(pair.targetName)?.configs ?? []
  if (!pair.there && missing.length > 0) return configOf(missing, name)
  const now = pair.there ? configOf(pair.there.configs, name) : configOf(trials?.defaults, name)
  const change = changeOf(pair, name, facts)
  if (!change) return now
  return change.op === 'set' ? change.value : (configOf(trials?.defaults, name) ?? now)
}

/** What the flow itself does about a config: at the creation of a topic, and later if configs are synced. */
function changeOf(pair: TopicPair, name: string, { settings }: FlowFacts) {
  if (pair.there && !settings.syncTopicConfigs.enabled) return undefined
  const entries = (pair.topic.configs ?? []).filter((entry) => entry.name === name).map(travelling)
  return targetConfigChanges(entries, settings.configProperties)[0]
}

/** Whether the flow would take back what somebody sets on the target. */
function isGoverned(pair: TopicPair, name: string, facts: FlowFacts): boolean {
  return facts.settings.syncTopicConfigs.enabled && changeOf(pair, name, facts) !== undefined
}

/**
 * What makes the target topic have this value and keep it: on the target where the flow leaves the config alone; else on the
 * source topic, from where it travels; else by creating the target topic with it beforehand.
 */
export function remedyFor(pair: TopicPair, name: string, value: string, facts: FlowFacts): Remedy[] {
  if (pair.there && !isGoverned(pair, name, facts))
    return [alterTopicConfig(facts.target, pair.targetName, { [name]: value })]
  if (changeOf(pair, name, facts)) return [alterTopicConfig(facts.source, pair.topic.name, { [name]: value })]
  // It is kept from travelling, and there is no topic yet that it could be set on.
  const travel = targetConfigs((pair.topic.configs ?? []).map(travelling), facts.settings.configProperties)
  return [
    createTopic(facts.target, pair.targetName, {
      partitions: pair.topic.partitions.length,
      replicas: Math.min(facts.settings.replicationFactor, facts.target.inventory?.brokers.length ?? 1),
      configs: { ...travel, [name]: value },
    }),
  ]
}
