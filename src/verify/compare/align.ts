// Finds where two logs are in step again after a difference, and classifies the records in between.
import { differingFields, type MarkedRecord, type RecordBrief } from './seen.ts'

/** missing: only the source has the record; extra: only the target; doubled: extra, and the target has it elsewhere too. */
export type DifferenceKind = 'missing' | 'extra' | 'doubled' | 'reordered' | 'changed'

export interface RecordDifference {
  readonly kind: DifferenceKind
  /** absent for a record that only the target has */
  readonly sourceOffset?: number
  /** absent for a record that only the source has */
  readonly targetOffset?: number
  /** the fields that differ in a changed record, e.g. `value`, `header trace` */
  readonly fields: readonly string[]
  readonly mark: string
  readonly source?: RecordBrief
  readonly target?: RecordBrief
}

/** Number of consecutive equal records after which the logs count as in step again. */
const IN_STEP = 3
/** Limit for comparing each record of a stretch with each of the other side (pairs). */
const MOST_PAIRS = 4_000_000

/** Indexes of the first records from which on both logs are in step again. */
export interface Meeting {
  readonly source: number
  readonly target: number
}

/**
 * The nearest pair of indexes from which on both logs continue with the same records; undefined when there is none.
 * @param ended both lists reach the end of their log, so that reaching both ends together counts as in step
 */
export function meet(
  source: readonly MarkedRecord[],
  target: readonly MarkedRecord[],
  ended: boolean,
): Meeting | undefined {
  const indexes = new Map<string, number>()
  const theirs = runsOf(target, ended)
  for (let at = theirs.length - 1; at >= 0; at--) indexes.set(theirs[at] as string, at)
  let best: Meeting | undefined
  for (const [at, run] of runsOf(source, ended).entries()) {
    if (best && at >= best.source + best.target) break
    const index = indexes.get(run)
    if (index !== undefined && (!best || at + index < best.source + best.target)) best = { source: at, target: index }
  }
  return best
}

/** For each index the marks of the records from there on; after the end, if it counts, `end` instead of a mark. */
function runsOf(seen: readonly MarkedRecord[], ended: boolean): string[] {
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
  readonly source: readonly MarkedRecord[]
  readonly target: readonly MarkedRecord[]
  /** marks of source records before and after the stretch, to recognize duplicates */
  readonly around: ReadonlySet<string>
  readonly withTime: boolean
}

/** Classifies the records of a stretch in which both logs differ: in the order of the source, then of the target. */
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

function missing({ offset, mark, brief }: MarkedRecord): RecordDifference {
  return { kind: 'missing', sourceOffset: offset, fields: [], mark, ...(brief && { source: brief }) }
}

function onTarget(kind: 'extra' | 'doubled', { offset, mark, brief }: MarkedRecord): RecordDifference {
  return { kind, targetOffset: offset, fields: [], mark, ...(brief && { target: brief }) }
}

function movedIn(left: readonly MarkedRecord[], right: readonly MarkedRecord[]) {
  const moved: RecordDifference[] = []
  const restRight = [...right]
  const restLeft = left.filter((one) => {
    const at = restRight.findIndex(({ mark }) => mark === one.mark)
    const other = restRight[at]
    if (!other) return true
    restRight.splice(at, 1)
    moved.push(reordered(one, other))
    return false
  })
  return { moved, restLeft, restRight }
}

function reordered(one: MarkedRecord, other: MarkedRecord): RecordDifference {
  return {
    ...{ kind: 'reordered', sourceOffset: one.offset, targetOffset: other.offset, fields: [], mark: one.mark },
    ...(one.brief && { source: one.brief }),
    ...(other.brief && { target: other.brief }),
  }
}

/** Pairs records that only one side has: two records that share key, value or timestamp are one changed record. */
function changedIn(left: readonly MarkedRecord[], right: readonly MarkedRecord[], withTime: boolean) {
  const restRight = [...right]
  const differences: RecordDifference[] = []
  const restLeft = left.filter((one) => {
    const at = restRight.findIndex((other) => isSibling(one, other, withTime))
    const other = restRight[at]
    if (!other || !one.brief || !other.brief) return true
    restRight.splice(at, 1)
    const fields = differingFields(one.brief, other.brief, withTime)
    const offsets = { sourceOffset: one.offset, targetOffset: other.offset }
    differences.push({ kind: 'changed', ...offsets, fields, mark: one.mark, source: one.brief, target: other.brief })
    return false
  })
  return { differences, restLeft, restRight }
}

function isSibling({ brief: a }: MarkedRecord, { brief: b }: MarkedRecord, withTime: boolean): boolean {
  if (!a || !b) return false
  const fields = differingFields(a, b, true)
  const shared = ['key', 'value'].filter((field) => !fields.includes(field))
  if (shared.includes('value') && (a.value?.bytes ?? 0) > 0) return true
  if (shared.includes('key') && a.key !== null) return true
  return withTime && a.timestamp > 0 && a.timestamp === b.timestamp
}

/** Index pairs of a longest common subsequence; none if the stretch is too long for that. */
function commonOf(a: readonly MarkedRecord[], b: readonly MarkedRecord[]): [number, number][] {
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

/** Joins a missing and an extra finding of the same record into one reordered record. */
export function joinMoved(found: readonly RecordDifference[]): RecordDifference[] {
  const extras = found.filter(({ kind }) => kind === 'extra' || kind === 'doubled')
  const used = new Set<RecordDifference>()
  const joined = found.map((one): RecordDifference => {
    if (one.kind !== 'missing') return one
    const other = extras.find((extra) => extra.mark === one.mark && !used.has(extra))
    if (!other) return one
    used.add(other)
    const { sourceOffset = 0, source } = one
    const { targetOffset = 0, target } = other
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
