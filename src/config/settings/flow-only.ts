// Keys that are valid only under a flow (`A->B.<key>`).
// Types, defaults and ranges are those of Kafka 4.3 unless the text says otherwise.
import { table } from '../setting.ts'

/** Keys that only MM2's filters read. */
export const filterSettings = table([
  {
    name: 'use.defaults.from',
    type: 'string',
    default: 'target',
    importance: 'low',
    effect: 'acted on',
    docs: 'Exactly `source`: configs that have their default on the source are copied too.',
  },
])

/** Keys of Connect that no connector defines; Connect validates them for every connector. */
export const flowOnlySettings = table([
  {
    name: 'exactly.once.support',
    type: 'string',
    default: 'requested',
    range: { choices: ['requested', 'required'], anyCase: true },
    importance: 'low',
    effect: 'not yet',
    docs: '`required` makes MM2 refuse a connector that cannot be exactly-once.',
  },
  {
    name: 'transaction.boundary',
    type: 'string',
    default: 'poll',
    range: { choices: ['poll', 'interval', 'connector'], anyCase: true },
    importance: 'low',
    effect: 'no effect',
    docs: 'Where MM2 ends a transaction.',
  },
  {
    name: 'transaction.boundary.interval.ms',
    type: 'long',
    default: null,
    range: { min: 1 },
    importance: 'low',
    effect: 'no effect',
    docs: 'How long such a transaction lasts, ms.',
  },
  {
    name: 'offsets.storage.topic',
    type: 'string',
    default: null,
    importance: 'low',
    effect: 'not yet',
    docs: 'A second topic of positions, of this flow only, which MM2 prefers.',
    reported:
      'MM2 also keeps its positions there and prefers them to `offset.storage.topic`, which is all godwit reads and writes: if MM2 takes over again it goes back to what that topic says',
  },
  {
    name: 'topic.creation.groups',
    type: 'list',
    default: '',
    anyItems: true,
    importance: 'low',
    effect: 'no effect',
    docs: 'Rules by which Connect creates topics; MM2 creates its own.',
  },
])
