// Topic-partitions as map keys.

export interface TopicPartition {
  readonly topic: string
  readonly partition: number
}

/** Cached keys, by topic and partition. All maps share the same string per partition, which is hashed only once. */
const cache = new Map<string, string[]>()
/** The cache is cleared at this many topics, so that short-lived topics do not fill the memory. */
const TOPICS_KEPT = 20_000

/** `orders-3`, as Kafka prints a partition. Unique, because only digits follow the last dash. */
export function topicPartitionKey(topic: string, partition: number): string {
  const keys = keysOf(topic)
  const known = keys[partition]
  if (known !== undefined) return known
  const key = `${topic}-${partition}`
  // Only in order: an array with holes would take more memory than the cache saves.
  if (partition === keys.length) keys.push(key)
  return key
}

function keysOf(topic: string): string[] {
  let keys = cache.get(topic)
  if (keys) return keys
  if (cache.size >= TOPICS_KEPT) cache.clear()
  keys = []
  cache.set(topic, keys)
  return keys
}
