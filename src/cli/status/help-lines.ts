// Help of `status --watch`: keys and columns.
import { type Line, padded, wrapped } from '../screen/spans.ts'

const keys: readonly (readonly [key: string, what: string])[] = [
  ['Tab, 1 to 5', 'topics, partitions, groups, periodic tasks, problems'],
  ['arrows, j k', 'one row up or down; PageUp, PageDown, Home, End'],
  ['s, S', 'next or previous order: lag, name, rate, behind, state'],
  ['/', 'filter rows by name; Esc shows all again'],
  ['f', 'next flow, then all flows'],
  ['p', 'pause and resume the display'],
  ['q, Ctrl-C', 'quit; does not stop godwit'],
]
const columns: readonly (readonly [title: string, what: string])[] = [
  ['LAG', 'source offsets still to copy; ? while unknown'],
  ['BEHIND', 'age of the oldest of them, as far as known'],
  ['REC/S', 'records copied per second, over the last 5 seconds'],
  ['ETA', 'time until the lag is gone at the current rate; or: growing, steady, done'],
  [
    'STATE',
    'copying; recovering: reads what the target contains; waiting: for a topic or a retry; quarantined: needs an operator',
  ],
  [
    'PHASE',
    'starting, recovering, catching up, keeping up, in sync; unknown: a cluster does not answer; nothing to copy: no topic is selected; blocked: the rest needs an operator; halted: paused by an operator; standby: another process is active',
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
