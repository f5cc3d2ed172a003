// Finds how far one partition has been copied by looking at both logs: the last records of the target are looked for on the source.
// For partitions that MirrorMaker 2 copied, and for those that were copied on since the position was written.
import type { BatchRecord } from '../../batch/records.ts'
import type { Point } from '../../mirror/offset-map.ts'
import { locate } from './locate.ts'
import type { Log } from './log-peek.ts'

interface CopiedSearch {
  readonly source: Log
  readonly target: Log
  readonly sourceEnd: number
  readonly targetEnd: number
  /** pairs that belong together or are thought to: a position, what MirrorMaker 2 has stored */
  readonly known: readonly Point[]
  /** equal records have equal marks on both sides */
  readonly markOf: (record: BatchRecord) => string
  readonly withTime: boolean
}

/** So many records at the end of the target are looked for, as far as there are so many. */
const LAST = 12
/** Looks at the end of the target go so far back: markers of transactions stand among the records (offsets). */
const BACK = 64

/**
 * The source offset behind the record that the target ends with, and the end of the target. Undefined when the last records of the
 * target are not the source's. @throws Failure
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
  // The other way round: where on the source is what stands at `first` on the target?
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
  /** the first record stands at `from`, and no other is among them */
  readonly exact: boolean
}

/** The offset behind the last of these records, read in order from `from` on; undefined when they are not there. */
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
