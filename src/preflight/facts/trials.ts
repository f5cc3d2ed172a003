// What would come of creating the topics that are missing, and which configs a topic of the target has when nobody says anything.

import { travelling } from '../../engine/target-topics.ts'
import type { ConfigEntry, NewTopic } from '../../kafka/admin.ts'
import type { Cluster } from '../../kafka/cluster.ts'
import { Survey, type Trial } from '../../kafka/survey.ts'
import { targetConfigs } from '../../mirror/topic-configs.ts'
import type { FlowSettings } from '../../model/flow-settings.ts'
import { offsetMapsTopic } from '../../state/offset-maps.ts'
import { positionsTopic } from '../../state/positions.ts'
import type { Basics } from '../basics.ts'
import { inventedName } from './invented.ts'

export interface Trials {
  /** of target topics that are missing, by name */
  readonly topics: ReadonlyMap<string, Trial>
  /** of the topics of the flow's state that are missing, by name */
  readonly state: ReadonlyMap<string, Trial>
  /** configs of a topic made without any; absent where that may not be tried */
  readonly defaults?: readonly ConfigEntry[]
}

/** @throws Failure when the target cannot be asked */
export async function trialsOf(cluster: Cluster, parts: Basics): Promise<Trials> {
  const { settings, policy, pairs, target } = parts
  const brokers = target?.brokers.length ?? 1
  // A replication factor that cannot be had is a finding of its own, and would hide everything else here.
  const possible = (factor: number) => Math.min(factor, Math.max(1, brokers))
  const missing = pairs.filter(({ there }) => !there)
  const wanted: NewTopic[] = missing.map(({ topic, targetName: name }) => ({
    name,
    partitions: topic.partitions.length,
    replicationFactor: possible(settings.replicationFactor),
    configs: targetConfigs((topic.configs ?? []).map(travelling), settings.configProperties),
  }))
  const state = (settings.enabled ? stateTopics(settings) : [])
    .filter(({ name }) => !target?.topics.has(name))
    .map((topic) => ({ ...topic, replicationFactor: possible(topic.replicationFactor) }))
  const invented = policy.formatRemoteTopic(settings.sourceAlias, inventedName())
  const plain: NewTopic = {
    name: invented,
    partitions: 1,
    replicationFactor: possible(settings.replicationFactor),
    configs: {},
  }
  const found = await new Survey(cluster).tryToCreate([...wanted, ...state, plain])
  const of = (topics: readonly NewTopic[]) =>
    new Map(topics.flatMap(({ name }) => [[name, found.get(name) ?? { configs: [] }] as const]))
  const defaults = found.get(invented)?.configs ?? []
  return { topics: of(wanted), state: of(state), ...(defaults.length > 0 && { defaults }) }
}

function stateTopics(settings: FlowSettings): NewTopic[] {
  const { source, offsetStorage } = settings
  return [offsetStorage, positionsTopic(source, offsetStorage), offsetMapsTopic(source, offsetStorage)].map(
    (topic) => ({
      ...topic,
      configs: { ...topic.configs, 'cleanup.policy': 'compact' },
    }),
  )
}
