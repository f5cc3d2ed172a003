// What `?` shows in `status --watch`: the keys, and what the columns mean.
import { type Line, padded, wrapped } from '../screen/spans.ts'

const keys: readonly (readonly [key: string, what: string])[] = [
  ['Tab, 1 to 5', 'topics, partitions, groups, periodic tasks, problems'],
  ['arrows, j k', 'one row up or down; PageUp, PageDown, Home, End'],
  ['s, S', 'the next order: lag, name, rate, behind, state; S goes back'],
  ['/', 'only rows whose name matches; Esc shows all again'],
  ['f', 'one flow after the other, then all'],
  ['p', 'hold the numbers, and let them go on'],
  ['q, Ctrl-C', 'quit; godwit itself is not touched'],
]
const columns: readonly (readonly [title: string, what: string])[] = [
  ['LAG', 'source offsets still to copy; ? while not known'],
  ['BEHIND', 'age of the oldest of them, as far as known'],
  ['REC/S', 'records copied a second, over the last 5 seconds'],
  ['ETA', 'when the lag is gone if it shrinks on like this; or: growing, steady, done'],
  [
    'STATE',
    'copying; recovering: learns what the target holds; waiting: for a topic or a retry; quarantined: needs a person',
  ],
  [
    'PHASE',
    'starting, recovering, catching up, keeping up, in sync; unknown: a cluster does not answer; nothing to copy: no topic is selected; blocked: only partitions that need a person are left; halted: paused by a person; standby: another process works',
  ],
]

/** Lines for a terminal of `width` columns. */
export function helpLines(width: number): Line[] {
  return [[], ...section('Keys', keys, width), [], ...section('Columns', columns, width)]
}

function section(title: string, rows: readonly (readonly [string, string])[], width: number): Line[] {
  const lines = rows.flatMap(([word, what]) =>
    wrapped(what, Math.max(20, width - 16)).map(
      (line, at): Line => [{ text: `  ${padded(at === 0 ? word : '', 13)} `, style: 'strong' }, { text: line }],
    ),
  )
  return [[{ text: title, style: 'faint' }], ...lines]
}
