// Where two logs that went out of step meet again, and what to call the records in between.
import { differingFields, type RecordBrief, type Seen } from './seen.ts'

/** missing: only the source has it; extra: only the target; doubled: an extra one that the target has elsewhere too. */
export type DifferenceKind = 'missing' | 'extra' | 'doubled' | 'reordered' | 'changed'

export interface RecordDifference {
  readonly kind: DifferenceKind
  /** absent for what only the target has, and the other way round */
  readonly sourceOffset?: number
  readonly targetOffset?: number
  /** what differs in a changed record, e.g. `value`, `header trace` */
  readonly fields: readonly string[]
  readonly mark: string
  readonly source?: RecordBrief
  readonly target?: RecordBrief
}

/** So many equal records in a row count as being in step again. */
const IN_STEP = 3
/** Stretches up to so many pairs are compared each with each. */
const MOST_PAIRS = 4_000_000

/** Indexes of the first records from which on both are in step again. */
export interface Meeting {
  readonly source: number
  readonly target: number
}

/**
 * The nearest place where both go on with the same records; undefined when there is none in what was seen.
 * @param ended both were seen to their ends, so that reaching them together is being in step
 */
export function meet(source: readonly Seen[], target: readonly Seen[], ended: boolean): Meeting | undefined {
  const places = new Map<string, number>()
  const theirs = runsOf(target, ended)
  for (let at = theirs.length - 1; at >= 0; at--) places.set(theirs[at] as string, at)
  let best: Meeting | undefined
  for (const [at, run] of runsOf(source, ended).entries()) {
    if (best && at >= best.source + best.target) break
    const place = places.get(run)
    if (place !== undefined && (!best || at + place < best.source + best.target)) best = { source: at, target: place }
  }
  return best
}

/** For each place the marks of the records from there on; behind the end, where that counts, stand empty ones. */
function runsOf(seen: readonly Seen[], ended: boolean): string[] {
  const last = ended ? seen.length : seen.length - IN_STEP
  const runs: string[] = []
  for (let at = 0; at <= last; at++) {
    let run = ''
    for (let i = at; i < at + IN_STEP; i++) run += `${seen[i]?.mark ?? 'end'} `
    runs.push(run)
  }
  return runs
}

interface Stretch {
  readonly source: readonly Seen[]
  readonly target: readonly Seen[]
  /** marks of source records before and behind the stretch, to tell doubled ones */
  readonly around: ReadonlySet<string>
  readonly withTime: boolean
}

/** What to call the records of a stretch in which both differ, in the order of the source, then of the target. */
export function differencesIn(stretch: Stretch): RecordDifference[] {
  const pairs = commonOf(stretch.source, stretch.target)
  const left = stretch.source.filter((_, at) => !pairs.some(([mine]) => mine === at))
  const right = stretch.target.filter((_, at) => !pairs.some(([, theirs]) => theirs === at))
  const { moved, restLeft, restRight } = movedIn(left, right)
  const known = new Set([...stretch.around, ...stretch.source.map(({ mark }) => mark)])
  const doubled = restRight.filter(({ mark }) => known.has(mark))
  const strange = restRight.filter(({ mark }) => !known.has(mark))
  const changed = changedIn(restLeft, strange, stretch.withTime)
  return [
    ...moved,
    ...changed.differences,
    ...changed.restLeft.map((one) => missing(one)),
    ...doubled.map((one) => onTarget('doubled', one)),
    ...changed.restRight.map((one) => onTarget('extra', one)),
  ]
}

function missing({ offset, mark, brief }: Seen): RecordDifference {
  return { kind: 'missing', sourceOffset: offset, fields: [], mark, ...(brief && { source: brief }) }
}

function onTarget(kind: 'extra' | 'doubled', { offset, mark, brief }: Seen): RecordDifference {
  return { kind, targetOffset: offset, fields: [], mark, ...(brief && { target: brief }) }
}

function movedIn(left: readonly Seen[], right: readonly Seen[]) {
  const moved: RecordDifference[] = []
  const restRight = [...right]
  const restLeft = left.filter((one) => {
    const at = restRight.findIndex(({ mark }) => mark === one.mark)
    const there = restRight[at]
    if (!there) return true
    restRight.splice(at, 1)
    moved.push(reordered(one, there))
    return false
  })
  return { moved, restLeft, restRight }
}

function reordered(one: Seen, there: Seen): RecordDifference {
  return {
    ...{ kind: 'reordered', sourceOffset: one.offset, targetOffset: there.offset, fields: [], mark: one.mark },
    ...(one.brief && { source: one.brief }),
    ...(there.brief && { target: there.brief }),
  }
}

/** Pairs what only one side has: a record with a counterpart that shares its key, value or time was changed. */
function changedIn(left: readonly Seen[], right: readonly Seen[], withTime: boolean) {
  const restRight = [...right]
  const differences: RecordDifference[] = []
  const restLeft = left.filter((one) => {
    const at = restRight.findIndex((there) => isSibling(one, there, withTime))
    const there = restRight[at]
    if (!there || !one.brief || !there.brief) return true
    restRight.splice(at, 1)
    const fields = differingFields(one.brief, there.brief, withTime)
    const place = { sourceOffset: one.offset, targetOffset: there.offset }
    differences.push({ kind: 'changed', ...place, fields, mark: one.mark, source: one.brief, target: there.brief })
    return false
  })
  return { differences, restLeft, restRight }
}

function isSibling({ brief: a }: Seen, { brief: b }: Seen, withTime: boolean): boolean {
  if (!a || !b) return false
  const fields = differingFields(a, b, true)
  const shared = ['key', 'value'].filter((field) => !fields.includes(field))
  if (shared.includes('value') && (a.value?.bytes ?? 0) > 0) return true
  if (shared.includes('key') && a.key !== null) return true
  return withTime && a.timestamp > 0 && a.timestamp === b.timestamp
}

/** Index pairs of a longest common subsequence; only of the beginning and end where the stretch is too long for all. */
function commonOf(a: readonly Seen[], b: readonly Seen[]): [number, number][] {
  const pairs: [number, number][] = []
  if (a.length * b.length > MOST_PAIRS) return pairs
  const width = b.length + 1
  const lengths = new Uint16Array((a.length + 1) * width)
  const at = (i: number, j: number) => lengths[i * width + j] as number
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      lengths[i * width + j] = a[i]?.mark === b[j]?.mark ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    if (a[i]?.mark === b[j]?.mark) pairs.push([i++, j++])
    else if (at(i + 1, j) >= at(i, j + 1)) i++
    else j++
  }
  return pairs
}

/** A record that was found missing at one place and to be too many at another has moved. */
export function joinMoved(found: readonly RecordDifference[]): RecordDifference[] {
  const extras = found.filter(({ kind }) => kind === 'extra' || kind === 'doubled')
  const used = new Set<RecordDifference>()
  const joined = found.map((one): RecordDifference => {
    if (one.kind !== 'missing') return one
    const there = extras.find((extra) => extra.mark === one.mark && !used.has(extra))
    if (!there) return one
    used.add(there)
    const { sourceOffset = 0, source } = one
    const { targetOffset = 0, target } = there
    const offsets = { sourceOffset, targetOffset }
    return {
      kind: 'reordered',
      ...offsets,
      fields: [],
      mark: one.mark,
      ...(source && { source }),
      ...(target && { target }),
    }
  })
  return joined.filter((one) => !used.has(one))
}
