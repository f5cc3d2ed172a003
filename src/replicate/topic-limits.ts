// Limits of a target topic, read again when it refuses a batch as too large.
import type { TopicCopy } from './partition-copy.ts'

export interface TopicLimits {
  /** largest batch the topic accepts (bytes) */
  readonly maxMessageBytes: number
  /** the topic has message.timestamp.type=LogAppendTime */
  readonly targetAppendTime: boolean
  /** the topic's own codec (compression.type), 0 to 4; undefined if batches keep the producer's codec */
  readonly codec: number | undefined
}

/**
 * Uses limits that were read again.
 * @returns whether batches change, so that a retry makes sense
 * @param isRefused the topic has refused a batch within the limits known before
 */
export function adoptLimits(shared: TopicCopy, limits: TopicLimits, isRefused: boolean): boolean {
  const { maxMessageBytes, targetAppendTime, codec } = limits
  // A recompressed batch may exceed the limit. A batch with the topic's own codec is stored unchanged, so that its size is known
  // here.
  const recodeTo = isRefused || shared.recodeTo !== undefined ? codec : undefined
  const isNews = maxMessageBytes !== shared.maxMessageBytes || recodeTo !== shared.recodeTo
  Object.assign(shared, { maxMessageBytes, targetAppendTime, recodeTo })
  if (isNews) shared.limitsRead++
  return isNews
}
