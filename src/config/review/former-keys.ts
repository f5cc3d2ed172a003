// Deprecated keys, and what replaced them.

/** A deprecated key: its successor, or undefined if there is none, and what the user should know. */
interface FormerKey {
  readonly successor?: string
  readonly since: string
  /** set if godwit still uses it: when */
  readonly actedOn?: string
}

/** The only deprecated key without a successor that godwit still uses. */
export const incrementalAlter = {
  name: 'use.incremental.alter.configs',
  default: 'requested',
  choices: ['requested', 'required', 'never'],
} as const

const withoutSuccessor = 'where the new key is not given'

export const formerKeys: Readonly<Record<string, FormerKey>> = {
  'topics.blacklist': { successor: 'topics.exclude', since: 'removed in Kafka 4.0', actedOn: withoutSuccessor },
  'groups.blacklist': { successor: 'groups.exclude', since: 'removed in Kafka 4.0', actedOn: withoutSuccessor },
  'config.properties.blacklist': {
    successor: 'config.properties.exclude',
    since: 'removed in Kafka 4.0',
    actedOn: withoutSuccessor,
  },
  'add.source.alias.to.metrics': { since: 'removed in Kafka 4.0, which always adds it' },
  'auto.include.jmx.reporter': { since: 'removed in Kafka 4.0' },
  [incrementalAlter.name]: {
    since: 'removed in Kafka 4.0, which behaves as with `required`',
    actedOn: `(\`requested\`, \`required\` or \`never\`; without it \`${incrementalAlter.default}\`)`,
  },
  'rest.port': { successor: 'listeners', since: 'removed in Kafka 3.0' },
  'rest.host.name': { successor: 'listeners', since: 'removed in Kafka 3.0' },
  'internal.key.converter': { since: 'removed in Kafka 3.0' },
  'internal.value.converter': { since: 'removed in Kafka 3.0' },
  'task.index': { since: 'MM2 sets it by itself, in the configs of its tasks' },
  'task.assigned.partitions': { since: 'MM2 sets it by itself, in the configs of its tasks' },
  'task.assigned.groups': { since: 'MM2 sets it by itself, in the configs of its tasks' },
  enable: { successor: 'enabled', since: "never a key, though Kafka's documentation has it" },
  'emit.heartbeats': {
    successor: 'emit.heartbeats.enabled',
    since: "never a key, though Kafka's documentation has it",
  },
}
