// Keys of godwit's own: those of flows may stand bare, `B.`-prefixed (the target) or `A->B.`-prefixed, the last one beats the
// others; those of the process stand bare only.
import { acted, flag, high, int, list, low, medium, type Setting, text } from '../define.ts'

/** In this order: compile/flow.ts reads them by their place. */
export const godwitSettings: readonly Setting[] = [
  int('godwit.memory.bytes', '50331648', medium, acted, 'Memory for records on their way, bytes, per flow.', {
    min: 8388608,
  }),
  text(
    'godwit.on.doubt',
    'at-least-once',
    high,
    acted,
    'What to do with a partition where it cannot be proved what the target already holds: at-least-once goes on and counts what may be duplicated, stop waits for a person.',
    { choices: ['at-least-once', 'stop'] },
  ),
  text(
    'godwit.on.gap',
    'continue',
    low,
    acted,
    'What to do when the source has deleted records that were not copied yet: continue says so and goes on behind the gap, stop waits for a person.',
    { choices: ['continue', 'stop'] },
  ),
  text(
    'godwit.offset.translation',
    'exact',
    medium,
    acted,
    'How offsets of groups are translated for checkpoints and synced groups: exact gives the very record, mm2 what MirrorMaker 2 would give from the offset syncs.',
    { choices: ['exact', 'mm2'] },
  ),
  flag(
    'godwit.allow.loops',
    'false',
    low,
    acted,
    'Copies also what a flow in the opposite direction has brought, although both keep topic names: records are then copied in a loop.',
  ),
  flag(
    'godwit.allow.recopy',
    'false',
    low,
    acted,
    'Copies topics that the target holds already from the same source cluster, copied under another alias, a second time.',
  ),
  list(
    'godwit.start',
    '',
    medium,
    acted,
    'Where a partition begins that has no stored position. Items are WHEN, or PATTERN=WHEN for topics whose whole name matches the Java pattern (split at the last `=`); the first item that matches counts, and where none does `auto.offset.reset`. WHEN is earliest, latest, an age in s, m, h, d or w (`7d`: records that are not older when the partition begins), or a time with its zone (`2026-11-01T00:00:00Z`: records of that time or later; the end where there is none). Example: `audit.*=latest, logs.*=7d, earliest`.',
  ),
  text(
    'godwit.new.partitions',
    'earliest',
    medium,
    acted,
    'Where a partition begins that was created after the flow first started: earliest copies it from its beginning, whatever `godwit.start` and `auto.offset.reset` say; as-configured goes by them, as MirrorMaker 2 does, so that records written before the partition was discovered may be left out.',
    { choices: ['earliest', 'as-configured'] },
  ),
]

/** Names that metrics may have beside godwit's own; `docs/metrics.md` tells who asks for which. */
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

export const processSettings: readonly Setting[] = [
  list(
    'godwit.metrics.families',
    'strimzi,summary',
    low,
    acted,
    "Whose names the metrics of MirrorMaker 2 and Connect are given under, beside godwit's own; empty: none.",
    { choices: metricFamilies },
  ),
  flag(
    'godwit.metrics.partitions',
    'true',
    low,
    acted,
    'Whether metrics have a series for each partition; false: one for each topic and each group, where there are too many.',
  ),
]

/** Whether a key is about the process rather than a flow. */
export const isOfProcess = (key: string): boolean => processSettings.some((setting) => setting.key === key)
