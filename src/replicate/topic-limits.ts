// What a target topic takes, and what is learnt of it when it refuses a batch as too large.
import type { TopicCopy } from './partition-copy.ts'

export interface TopicLimits {
  /** largest batch the topic takes (bytes) */
  readonly maxMessageBytes: number
  /** the topic stamps records itself */
  readonly targetAppendTime: boolean
  /** codec of the topic's own (compression.type), 0 to 4; undefined where batches stay as the producer sent them */
  readonly codec: number | undefined
}

/**
 * Takes over limits that were read again. @returns whether batches are made differently now, so that another attempt makes sense
 * @param isRefused the topic has refused a batch that kept to the limits known before
 */
export function adoptLimits(shared: TopicCopy, limits: TopicLimits, isRefused: boolean): boolean {
  const { maxMessageBytes, targetAppendTime, codec } = limits
  // What the broker recompresses may grow beyond the limit. In the topic's own codec it stores batches as they come, so that their size is known here.
  const recodeTo = isRefused || shared.recodeTo !== undefined ? codec : undefined
  const isNews = maxMessageBytes !== shared.maxMessageBytes || recodeTo !== shared.recodeTo
  Object.assign(shared, { maxMessageBytes, targetAppendTime, recodeTo })
  if (isNews) shared.limitsRead++
  return isNews
}
