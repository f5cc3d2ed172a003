// The configs a target topic has once the flow runs: those it would be created with, else those it has now, with what the periodic task
// topic-configs changes in them. And where a config has to be changed so that it stays.
import { fromDescribedConfig } from '../../engine/target-topics.ts'
import { type ConfigChange, targetConfigChanges, targetConfigs } from '../../mirror/topic-configs.ts'
import type { FlowSettings } from '../../model/flow-settings.ts'
import type { CreationTrials } from '../facts/creation-trials.ts'
import type { PlannedPair } from '../facts/flow-basis.ts'
import type { FlowFacts } from '../facts/flow-facts.ts'
import { configOf } from '../facts/topics.ts'
import type { Remedy } from '../finding.ts'
import { alterTopicConfig, createTopic } from '../remedies/commands.ts'

/** What the configs of target topics follow from. */
export interface ConfigBasis {
  readonly settings: FlowSettings
  /** absent where no creation was tried: defaults of the target are not known then */
  readonly trials?: CreationTrials
}

/** The value on the source topic; undefined where it is not known. */
export function sourceValue({ topic }: PlannedPair, name: string): string | undefined {
  return configOf(topic.configs, name)
}

/** The value the target topic has once the flow runs; undefined where it is not known. */
export function targetValue(pair: PlannedPair, name: string, basis: ConfigBasis): string | undefined {
  const { trials } = basis
  const created = trials?.topics.get(pair.targetName)?.configs ?? []
  if (!pair.there && created.length > 0) return configOf(created, name)
  const byDefault = configOf(trials?.defaults, name)
  const now = pair.there ? configOf(pair.there.configs, name) : byDefault
  const change = changeOf(pair, name, basis)
  if (!change) return now
  if (change.op === 'set') return change.value
  return byDefault ?? (isSetOn(pair.there, name) ? undefined : now)
}

function isSetOn(topic: PlannedPair['there'], name: string): boolean {
  const entry = topic?.configs?.find((one) => one.name === name)
  return entry !== undefined && fromDescribedConfig(entry).source === 'topic'
}

/** What the flow itself does about a config: when it creates a topic, and later if configs are synced. */
function changeOf(pair: PlannedPair, name: string, { settings }: ConfigBasis): ConfigChange | undefined {
  if (pair.there && !settings.syncTopicConfigs.enabled) return undefined
  const entries = (pair.topic.configs ?? []).filter((entry) => entry.name === name).map(fromDescribedConfig)
  return targetConfigChanges(entries, settings.configProperties)[0]
}

/**
 * What makes the target topic have this value and keep it: on the target where the flow leaves the config alone; else on the
 * source topic, from where it is copied; else by creating the target topic with it beforehand.
 */
export function configRemedy(pair: PlannedPair, name: string, value: string, facts: FlowFacts): Remedy[] {
  const change = changeOf(pair, name, facts)
  if (pair.there && !change) return [alterTopicConfig(facts.target, pair.targetName, { [name]: value })]
  if (change) return [alterTopicConfig(facts.source, pair.topic.name, { [name]: value })]
  return [createWith(pair, { [name]: value }, facts)]
}

/** The command that creates the target topic as the flow would, with these configs in addition. */
function createWith(
  { topic, targetName }: PlannedPair,
  configs: Readonly<Record<string, string>>,
  { settings, target }: FlowFacts,
): Remedy {
  const copied = targetConfigs((topic.configs ?? []).map(fromDescribedConfig), settings.configProperties)
  return createTopic(target, targetName, {
    partitions: topic.partitions.length,
    replicas: Math.min(settings.replicationFactor, target.inventory?.brokers.length ?? 1),
    configs: { ...copied, ...configs },
  })
}
