// godwit's own settings. Those of flows may be written without prefix, with `B.` (the target) or with `A->B.`, which overrides
// the others; those of the process only without prefix.
import { table } from '../setting.ts'

/** Settings of a flow; `field` is the field of FlowSettings. */
export const godwitSettings = table([
  {
    name: 'godwit.memory.bytes',
    field: 'memoryBytes',
    type: 'int',
    default: '50331648',
    range: { min: 8388608 },
    importance: 'medium',
    effect: 'acted on',
    docs: 'Memory for records on their way, bytes, per flow.',
  },
  {
    name: 'godwit.on.doubt',
    field: 'onDoubt',
    type: 'string',
    default: 'at-least-once',
    range: { choices: ['at-least-once', 'stop'] },
    importance: 'high',
    effect: 'acted on',
    docs: 'What to do with a partition where it cannot be proved what the target already holds: at-least-once goes on and counts what may be duplicated, stop waits for a manual decision.',
  },
  {
    name: 'godwit.on.gap',
    field: 'onGap',
    type: 'string',
    default: 'continue',
    range: { choices: ['continue', 'stop'] },
    importance: 'low',
    effect: 'acted on',
    docs: 'What to do when the source has deleted records that were not copied yet: continue says so and goes on behind the gap, stop waits for a manual decision.',
  },
  {
    name: 'godwit.offset.translation',
    field: 'translation',
    type: 'string',
    default: 'exact',
    range: { choices: ['exact', 'mm2'] },
    importance: 'medium',
    effect: 'acted on',
    docs: 'How offsets of groups are translated for checkpoints and synced groups: exact gives the offset of the same record, mm2 what MirrorMaker 2 would derive from the offset syncs.',
  },
  {
    name: 'godwit.allow.loops',
    field: 'allowLoops',
    type: 'boolean',
    default: 'false',
    importance: 'low',
    effect: 'acted on',
    docs: 'Copies also what a flow in the opposite direction has brought, although both keep topic names: records are then copied in a loop.',
  },
  {
    name: 'godwit.allow.recopy',
    field: 'allowRecopy',
    type: 'boolean',
    default: 'false',
    importance: 'low',
    effect: 'acted on',
    docs: 'Copies topics that the target holds already from the same source cluster, copied under another alias, a second time.',
  },
  {
    name: 'godwit.start',
    type: 'list',
    default: '',
    importance: 'medium',
    effect: 'acted on',
    docs: 'Where a partition begins that has no stored position. Items are WHEN, or PATTERN=WHEN for topics whose whole name matches the Java pattern (split at the last `=`); the first item that matches counts, and where none does `auto.offset.reset`. WHEN is earliest, latest, an age in s, m, h, d or w (`7d`: records that are not older when the partition begins), or a time with its zone (`2026-11-01T00:00:00Z`: records of that time or later; the end where there is none). Example: `audit.*=latest, logs.*=7d, earliest`.',
  },
  {
    name: 'godwit.new.partitions',
    field: 'newPartitions',
    type: 'string',
    default: 'earliest',
    range: { choices: ['earliest', 'as-configured'] },
    importance: 'medium',
    effect: 'acted on',
    docs: 'Where a partition begins that was created after the flow first started: earliest copies it from its beginning, whatever `godwit.start` and `auto.offset.reset` say; as-configured goes by them, as MirrorMaker 2 does, so that records written before the partition was discovered may be left out.',
  },
])

/** Families of metric names in addition to godwit's own; docs/metrics.md describes them. */
export const metricFamilies = [
  'strimzi',
  'jmx-example',
  'jmx',
  'metrics-reporter',
  'source-connector',
  'connect-mirror',
  'summary',
  'jvm',
] as const

/** Settings of the process; `field` is the field of its metrics settings. */
export const processSettings = table([
  {
    name: 'godwit.metrics.families',
    field: 'families',
    type: 'list',
    default: 'strimzi,summary',
    range: { choices: metricFamilies },
    importance: 'low',
    effect: 'acted on',
    docs: "Whose names the metrics of MirrorMaker 2 and Connect are given under, beside godwit's own; empty: none.",
  },
  {
    name: 'godwit.metrics.partitions',
    field: 'partitions',
    type: 'boolean',
    default: 'true',
    importance: 'low',
    effect: 'acted on',
    docs: 'Whether metrics have a series for each partition; false: one for each topic and each group, where there are too many.',
  },
])
