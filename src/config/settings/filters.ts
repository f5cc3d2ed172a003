// Keys that only MM2's filters read, so they must stand at the flow (`A->B.<key>`); and keys of older versions, with what became of them.
import { acted, list, long, low, noEffect, notYet, type Setting, text } from '../define.ts'

export const filterSettings: readonly Setting[] = [
  text(
    'use.defaults.from',
    'target',
    low,
    acted,
    'Exactly `source`: configs that have their default on the source are copied too.',
  ),
]

/** Flow-level keys of Connect that are no connector's own; it validates them for every connector. */
export const flowOnlySettings: readonly Setting[] = [
  text(
    'exactly.once.support',
    'requested',
    low,
    notYet,
    '`required` makes MM2 refuse a connector that cannot be exactly-once.',
    {
      choices: ['requested', 'required'],
      anyCase: true,
    },
  ),
  text('transaction.boundary', 'poll', low, noEffect, 'Where MM2 ends a transaction.', {
    choices: ['poll', 'interval', 'connector'],
    anyCase: true,
  }),
  long('transaction.boundary.interval.ms', null, low, noEffect, 'How long such a transaction lasts, ms.', { min: 1 }),
  text(
    'offsets.storage.topic',
    null,
    low,
    notYet,
    'A second topic of positions, of this flow only, which MM2 prefers.',
    {
      effect:
        'MM2 also keeps its positions there and prefers them to `offset.storage.topic`, which is all godwit reads and writes: if MM2 takes over again it goes back to what that topic says',
    },
  ),
  list('topic.creation.groups', '', low, noEffect, 'Rules by which Connect creates topics; MM2 creates its own.', {
    ownCheck: true,
  }),
]

/** A key of an older version: its successor, or undefined where there is none, and what the reader should know. */
export interface FormerKey {
  readonly successor?: string
  readonly since: string
  /** set where godwit still heeds it: when */
  readonly heeded?: string
}

const withoutSuccessor = 'where the new key is not given'

export const formerKeys: Readonly<Record<string, FormerKey>> = {
  'topics.blacklist': { successor: 'topics.exclude', since: 'removed in Kafka 4.0', heeded: withoutSuccessor },
  'groups.blacklist': { successor: 'groups.exclude', since: 'removed in Kafka 4.0', heeded: withoutSuccessor },
  'config.properties.blacklist': {
    successor: 'config.properties.exclude',
    since: 'removed in Kafka 4.0',
    heeded: withoutSuccessor,
  },
  'add.source.alias.to.metrics': { since: 'removed in Kafka 4.0, which always adds it' },
  'auto.include.jmx.reporter': { since: 'removed in Kafka 4.0' },
  'use.incremental.alter.configs': {
    since: 'removed in Kafka 4.0, which behaves as with `required`',
    heeded: '(`requested`, `required` or `never`; without it `requested`)',
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
