// Finds how far a partition has been copied by comparing both logs: it searches the source for the last records of the target.
// Used for partitions that MirrorMaker 2 copied, and where copying continued after the position was written.
import type { BatchRecord } from '../../batch/records.ts'
import type { Point } from '../../mirror/offset-map.ts'
import { locate } from './locate.ts'
import type { Log } from './log-peek.ts'

interface CopiedSearch {
  readonly source: Log
  readonly target: Log
  readonly sourceEnd: number
  readonly targetEnd: number
  /** pairs of offsets to try first: godwit's position, the offset stored by MirrorMaker 2 */
  readonly known: readonly Point[]
  /** gives equal marks for equal records of both clusters */
  readonly markOf: (record: BatchRecord) => string
  readonly withTime: boolean
}

/** How many of the last target records are searched for. */
const LAST = 12
/** How far before the target end these records are read (offsets): transaction markers are between them. */
const BACK = 64

/**
 * The source offset after the last record of the target, and the end offset of the target. Undefined when the last target records
 * are not from the source. @throws Failure
 */
export async function copiedUpTo(search: CopiedSearch): Promise<Point | undefined> {
  const { source, target, sourceEnd, targetEnd, markOf } = search
  const last = await lastOf(target, targetEnd)
  const [first] = last
  if (!first) return undefined
  const marks = last.map(markOf)
  const guesses = [
    ...search.known.map(({ upstream, downstream }) => upstream + first.offset - downstream),
    sourceEnd - (targetEnd - first.offset),
  ]
  for (const guess of guesses) {
    const next = guess < 0 ? undefined : await behind(source, { from: guess, marks, markOf, exact: true })
    if (next !== undefined) return { upstream: next, downstream: targetEnd }
  }
  // The same search in the other direction: where on the source is the record at `first` on the target?
  const from = await locate({
    source: target,
    target: source,
    upstream: first.offset,
    before: undefined,
    after: { upstream: targetEnd, downstream: sourceEnd },
    markOf,
    withTime: search.withTime,
  })
  if (from === undefined) return undefined
  const next = await behind(source, { from, marks, markOf, exact: false })
  return next === undefined ? undefined : { upstream: next, downstream: targetEnd }
}

async function lastOf(target: Log, end: number): Promise<BatchRecord[]> {
  const found: BatchRecord[] = []
  for (let at = Math.max(await target.start(), end - BACK); at < end; ) {
    const { records, next } = await target.read(at)
    found.push(...records.filter(({ offset }) => offset < end))
    if (next <= at) break
    at = next
  }
  return found.slice(-LAST)
}

interface Run {
  readonly from: number
  readonly marks: readonly string[]
  readonly markOf: (record: BatchRecord) => string
  /** the first record must be at `from`, without other records in between */
  readonly exact: boolean
}

/** The offset after the last record of the run, read in order from `from` on; undefined when the run is not found. */
async function behind(log: Log, { from, marks, markOf, exact }: Run): Promise<number | undefined> {
  let matched = 0
  for (let at = from; matched < marks.length; ) {
    const { records, next } = await log.read(at)
    for (const record of records) {
      if (exact && matched === 0 && record.offset !== from) return undefined
      if (markOf(record) === marks[matched]) matched++
      else if (exact) return undefined
      if (matched === marks.length) return record.offset + 1
    }
    if (next <= at) return undefined
    at = next
  }
  return undefined
}
