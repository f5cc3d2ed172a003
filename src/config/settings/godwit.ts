// Keys of godwit's own; each may stand bare, `B.`-prefixed (the target) or `A->B.`-prefixed, the last one beats the others.
import { acted, high, int, low, medium, type Setting, text } from '../define.ts'

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
]
