// The request of `godwit positions reset`: which partitions are forgotten, and where others continue.
import { topicPartitionKey } from '../base/topic-partition.ts'

interface PartitionReset {
  readonly partition: number
  /** source offset to copy next; null: the partition is forgotten and starts as a new one */
  readonly to: number | null
}

export interface TopicReset {
  /** name on the source */
  readonly topic: string
  /** id of the source topic that the offsets belong to; empty where the cluster has no topic ids, or partitions are only forgotten */
  readonly sourceTopicId: string
  readonly partitions: readonly PartitionReset[]
}

export interface PositionsReset {
  /** cluster id of the target that the request is for; empty: not checked */
  readonly targetClusterId: string
  readonly topics: readonly TopicReset[]
  /** also forgets everything else that is stored, including unrecognised records */
  readonly all?: boolean
}

/** Parses a reset from a JSON value. @returns the reset, or what is wrong with the value */
export function parsePositionsReset(value: unknown): PositionsReset | string {
  if (!isObject(value)) return 'the body is not a JSON object'
  const { targetClusterId = '', topics, all = false } = value
  if (typeof targetClusterId !== 'string') return 'targetClusterId is not a string'
  if (typeof all !== 'boolean') return 'all is neither true nor false'
  if (!Array.isArray(topics)) return 'topics is not a list'
  const seen = new Set<string>()
  for (const topic of topics as unknown[]) {
    const wrong = wrongTopic(topic, seen)
    if (wrong !== undefined) return wrong
  }
  return { targetClusterId, topics: topics as TopicReset[], all }
}

function wrongTopic(value: unknown, seen: Set<string>): string | undefined {
  if (!isObject(value)) return 'a topic is not an object'
  const { topic, sourceTopicId, partitions } = value
  if (typeof topic !== 'string' || topic === '') return 'a topic has no name'
  if (typeof sourceTopicId !== 'string') return `sourceTopicId of ${topic} is not a string`
  if (!Array.isArray(partitions)) return `partitions of ${topic} is not a list`
  for (const one of partitions as unknown[]) {
    if (!isObject(one) || !isWhole(one['partition'], 0x7fffffff)) return `a partition of ${topic} has no number`
    const { partition, to } = one as { partition: number; to: unknown }
    const key = topicPartitionKey(topic, partition)
    if (to !== null && !isWhole(to, Number.MAX_SAFE_INTEGER)) return `to of ${key} is neither an offset nor null`
    if (seen.has(key)) return `${key} is named twice`
    seen.add(key)
  }
  return undefined
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isWhole = (value: unknown, most: number): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= most
