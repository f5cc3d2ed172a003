// Validates topic creation: the controller checks everything, including policies, but creates nothing (validateOnly).
import type { Failure } from '../../base/failure.ts'
import type { ConfigEntry, NewTopic } from '../admin.ts'
import type { Cluster } from '../cluster.ts'
import { describeCode, failureOfCode } from '../wire-errors.ts'

/** The result of the validation. */
export interface Trial {
  /** why the creation would be rejected; wireCode 36: it exists */
  readonly failure?: Failure
  /** all configs that the topic would have, including defaults of the cluster; empty if the user may not describe them */
  readonly configs: readonly ConfigEntry[]
}

interface Answer {
  topics: {
    name: string
    errorCode: number
    errorMessage: string | null
    configs?:
      | { name: string; value: string | null; readOnly: boolean; configSource: number; isSensitive: boolean }[]
      | null
  }[]
}

const DEFAULT_SOURCE = 5
/** A controller accepts at most ten thousand changes at a time, and counts validations as well. */
const PARTITIONS_PER_REQUEST = 2000
const LIMIT_MS = 30_000

/**
 * Validates the creation of these topics without creating them. Results by name.
 * @throws Failure if a request fails as a whole
 */
export async function tryToCreate(cluster: Cluster, topics: readonly NewTopic[]): Promise<Map<string, Trial>> {
  const found = new Map<string, Trial>()
  for (const part of parts(topics)) {
    const specs = part.map(({ name, partitions, replicationFactor, configs }) => ({
      name,
      numPartitions: partitions,
      replicationFactor,
      assignments: [],
      configs: Object.entries(configs).map(([key, value]) => ({ name: key, value })),
    }))
    const answer = await cluster.callController<Answer>('createTopics', [specs, LIMIT_MS, true], { lane: 'change' })
    for (const one of answer.topics) found.set(one.name, trialOf(cluster.alias, one))
  }
  return found
}

function trialOf(cluster: string, { name: topic, errorCode, errorMessage, configs }: Answer['topics'][number]): Trial {
  if (errorCode !== 0) {
    const sentence = `topic ${topic} could not be created on cluster ${cluster}: ${describeCode(errorCode, errorMessage)}`
    return { failure: failureOfCode(errorCode, { cluster, topic }, sentence), configs: [] }
  }
  return {
    configs: (configs ?? []).map(({ name, value, readOnly, configSource: source, isSensitive: sensitive }) => {
      return { name, value, source, isDefault: source === DEFAULT_SOURCE, readOnly, sensitive }
    }),
  }
}

function parts(topics: readonly NewTopic[]): NewTopic[][] {
  const all: NewTopic[][] = []
  let room = 0
  for (const topic of topics) {
    const last = all.at(-1)
    if (last && topic.partitions <= room) last.push(topic)
    else all.push([topic])
    room = (last && topic.partitions <= room ? room : PARTITIONS_PER_REQUEST) - topic.partitions
  }
  return all
}
