// A topic-partition as the key of a map.

export interface TopicPartition {
  readonly topic: string
  readonly partition: number
}

/** `orders-3`, Kafka's own way to print one; unique, as nothing but digits follows the last dash. */
export function topicPartitionKey(topic: string, partition: number): string {
  return `${topic}-${partition}`
}
