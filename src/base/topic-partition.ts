// A topic-partition as the key of a map.

export interface TopicPartition {
  readonly topic: string
  readonly partition: number
}

/** Keys that were made, by topic and partition: the maps of thousands of partitions share one text each, which is hashed once. */
const made = new Map<string, string[]>()
/** All are forgotten beyond so many topics, so that topics that come and go do not fill the memory. */
const TOPICS_KEPT = 20_000

/** `orders-3`, Kafka's own way to print one; unique, as nothing but digits follows the last dash. */
export function topicPartitionKey(topic: string, partition: number): string {
  const keys = keysOf(topic)
  const known = keys[partition]
  if (known !== undefined) return known
  const key = `${topic}-${partition}`
  // In order only: a list with holes would take more than it saves.
  if (partition === keys.length) keys.push(key)
  return key
}

function keysOf(topic: string): string[] {
  let keys = made.get(topic)
  if (keys) return keys
  if (made.size >= TOPICS_KEPT) made.clear()
  keys = []
  made.set(topic, keys)
  return keys
}
