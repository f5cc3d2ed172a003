// What Kafka demands of the name of a topic.

/** The longest name of a topic (characters; Topic.MAX_NAME_LENGTH). */
export const LONGEST_TOPIC_NAME = 249

/** Whether Kafka refuses to create a topic for the length of its name. */
export function isTooLong(name: string): boolean {
  return name.length > LONGEST_TOPIC_NAME
}

/** What names have in common that cannot stand side by side: Kafka's metrics replace `.` by `_`, so it refuses the second of them. */
export function metricName(name: string): string {
  return name.replaceAll('.', '_')
}
