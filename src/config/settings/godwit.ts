// Keys of godwit's own: those of flows may stand bare, `B.`-prefixed (the target) or `A->B.`-prefixed, the last one beats the
// others; those of the process stand bare only.
import { acted, flag, high, int, list, low, medium, type Setting, text } from '../define.ts'

export const godwitSettings: readonly Setting[] = [
  int('godwit.memory.bytes', '50331648', medium, acted, 'Memory for records on their way, bytes, per flow.', {
    min: 8388608,
  }),
  text(
    'godwit.on.doubt',
    'at-least-once',
    high,
    acted,
    'What to do with a partition where it cannot be proved what the target already holds: at-least-once goes on and counts what may stand twice, stop waits for a person.',
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
    'Copies also what a flow in the opposite direction has brought, although both keep topic names: records then go in circles.',
  ),
  flag(
    'godwit.allow.recopy',
    'false',
    low,
    acted,
    'Copies topics that the target holds already from the same source cluster, copied under another alias, a second time.',
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
