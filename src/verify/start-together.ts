// Where two logs of a partition begin to hold the same: at their starts, unless retention has taken the oldest of one of them.
import type { BatchRecord } from '../batch/records.ts'
import { markOf } from './compare/seen.ts'
import type { Side } from './read/side.ts'

export interface Both {
  readonly source: number
  readonly target: number
}

/** So many records in a row must be the same, as far as there are so many. */
const IN_A_ROW = 4
/** How far is looked from where a record should be (records). */
const LOOKED_THROUGH = 50_000

interface First {
  readonly offset: number
  readonly timestamp: number
  readonly marks: readonly string[]
}

/**
 * The first offsets, at or behind these, from which both sides have the same records; these themselves where the first records
 * are the same, or no such place is found.
 * @param withTime false where times are not to be compared
 * @throws Failure
 */
export async function startTogether(source: Side, target: Side, from: Both, withTime: boolean): Promise<Both> {
  const [mine, theirs] = await Promise.all([
    firstOf(source, from.source, withTime),
    firstOf(target, from.target, withTime),
  ])
  if (!mine || !theirs || startsAlike(mine.marks, theirs.marks)) return from
  if (from.source > 0) {
    const place = await placeOf(mine, target, from.target, withTime)
    if (place !== undefined) return { source: mine.offset, target: place }
  }
  if (from.target > 0) {
    const place = await placeOf(theirs, source, from.source, withTime)
    if (place !== undefined) return { source: place, target: theirs.offset }
  }
  return from
}

/** Where on the other side the records from `offset` on stand; undefined when they are not found. @throws Failure */
export async function counterpartOf(
  side: Side,
  offset: number,
  other: Side,
  { from, guess, withTime }: { readonly from: number; readonly guess: number; readonly withTime: boolean },
): Promise<number | undefined> {
  const first = await firstOf(side, offset, withTime)
  if (!first) return undefined
  const shifted = await runAt(other, Math.max(from, guess + first.offset - offset), first.marks, { withTime, most: 1 })
  return shifted ?? placeOf(first, other, from, withTime)
}

async function placeOf(first: First, other: Side, from: number, withTime: boolean): Promise<number | undefined> {
  const { marks, offset, timestamp } = first
  const same = await runAt(other, Math.max(from, offset), marks, { withTime, most: 1 })
  if (same !== undefined) return same
  const since = timestamp < 0 ? undefined : await other.since(timestamp)
  return runAt(other, Math.max(from, since ?? from), marks, { withTime, most: LOOKED_THROUGH })
}

async function firstOf(side: Side, offset: number, withTime: boolean): Promise<First | undefined> {
  const marks: string[] = []
  let first: Pick<BatchRecord, 'offset' | 'timestamp'> | undefined
  await side.look(offset, (record) => {
    first ??= { offset: record.offset, timestamp: record.timestamp }
    marks.push(markOf(record, withTime))
    return marks.length < IN_A_ROW
  })
  return first && { ...first, marks }
}

/** The offset of the first of these records, one behind the other, among the next `most` places. */
async function runAt(
  side: Side,
  offset: number,
  marks: readonly string[],
  { withTime, most }: { readonly withTime: boolean; readonly most: number },
): Promise<number | undefined> {
  const window: { readonly mark: string; readonly offset: number }[] = []
  let found: number | undefined
  let looked = 0
  await side.look(offset, (record) => {
    window.push({ mark: markOf(record, withTime), offset: record.offset })
    if (window.length < marks.length) return true
    if (marks.every((mark, at) => window[at]?.mark === mark)) found = window[0]?.offset
    window.shift()
    return found === undefined && ++looked < most
  })
  return found
}

const startsAlike = (a: readonly string[], b: readonly string[]) =>
  Array.from({ length: Math.min(a.length, b.length) }, (_, at) => a[at] === b[at]).every(Boolean)
