// What would come of creating the topics that are missing, and which configs a topic of the target gets by default. Nothing is created.
import { randomBytes } from 'node:crypto'
import { fromDescribedConfig } from '../../engine/target-topics.ts'
import type { ConfigEntry, NewTopic } from '../../kafka/admin.ts'
import type { Cluster } from '../../kafka/cluster.ts'
import { Survey, type Trial } from '../../kafka/survey.ts'
import { targetConfigs } from '../../mirror/topic-configs.ts'
import { stateTopics } from '../../state/internal-topics.ts'
import type { FlowBasis } from './flow-basis.ts'

export interface CreationTrials {
  /** of target topics that are missing, by name */
  readonly topics: ReadonlyMap<string, Trial>
  /** of the topics of the flow's state that are missing, by name */
  readonly state: ReadonlyMap<string, Trial>
  /** configs of a topic created without any; absent where that may not be tried */
  readonly defaults?: readonly ConfigEntry[]
}

/** Has the target validate the creation of what is missing. @throws Failure when the target cannot be asked */
export async function tryCreations(cluster: Cluster, basis: FlowBasis): Promise<CreationTrials> {
  const [copies, state] = [missingCopies(basis), missingState(basis)]
  const { policy, settings } = basis
  const name = policy.formatRemoteTopic(settings.sourceAlias, unusedName())
  const plain = { name, partitions: 1, replicationFactor: settings.replicationFactor, configs: {} }
  const brokers = Math.max(1, basis.target?.brokers.length ?? 1)
  // A replication factor that is too large is a finding of its own, and would hide everything else here.
  const asked = [...copies, ...state, plain].map((topic) => {
    return { ...topic, replicationFactor: Math.min(topic.replicationFactor, brokers) }
  })
  const found = await new Survey(cluster).tryToCreate(asked)
  const of = (topics: readonly NewTopic[]) =>
    new Map(topics.map((topic) => [topic.name, found.get(topic.name) ?? { configs: [] }]))
  const defaults = found.get(name)?.configs ?? []
  return { topics: of(copies), state: of(state), ...(defaults.length > 0 && { defaults }) }
}

function missingCopies({ pairs, settings }: FlowBasis): NewTopic[] {
  const missing = pairs.filter(({ there }) => !there)
  return missing.map(({ topic, targetName: name }) => ({
    name,
    partitions: topic.partitions.length,
    replicationFactor: settings.replicationFactor,
    configs: targetConfigs((topic.configs ?? []).map(fromDescribedConfig), settings.configProperties),
  }))
}

function missingState({ settings, target }: FlowBasis): NewTopic[] {
  const missing = stateTopics(settings).filter(({ name }) => !target?.topics.has(name))
  return missing.map((topic) => ({ ...topic, configs: { ...topic.configs, 'cleanup.policy': 'compact' } }))
}

/** A name that no topic and no group has, e.g. `godwit-check-3f2a9c01`: to ask about what does not exist yet. Another one each time. */
export function unusedName(): string {
  return `godwit-check-${randomBytes(4).toString('hex')}`
}
