// Where two logs of a partition begin to hold the same: at their starts, unless retention has taken the oldest of one of them.
import type { BatchRecord } from '../batch/records.ts'
import { markOf } from './compare/seen.ts'
import type { Side } from './read/side.ts'

export interface Both {
  source: number
  target: number
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

/** Which sides have deleted records from which on both are to be compared. */
export interface Trimmed {
  readonly source: boolean
  readonly target: boolean
}

/**
 * The first offsets, at or behind these, from which both sides have the same records; these themselves where the first records
 * are the same, nothing is trimmed, or no such place is found.
 * @param withTime false where times are not to be compared
 * @throws Failure
 */
export async function startTogether(
  { source, target, withTime }: { readonly source: Side; readonly target: Side; readonly withTime: boolean },
  from: Both,
  trimmed: Trimmed,
): Promise<Both> {
  if (!trimmed.source && !trimmed.target) return from
  const [mine, theirs] = await Promise.all([
    firstOf(source, from.source, withTime),
    firstOf(target, from.target, withTime),
  ])
  if (!mine || !theirs || startsAlike(mine.marks, theirs.marks)) return from
  if (trimmed.source) {
    const place = await placeOf(mine, target, from.target, withTime)
    if (place !== undefined) return { source: from.source, target: place }
  }
  if (trimmed.target) {
    const place = await placeOf(theirs, source, from.source, withTime)
    if (place !== undefined) return { source: place, target: theirs.offset }
  }
  return from
}

/** Where on the source the first record of the target at or behind `from` is; undefined when there is none, or it is not found. @throws Failure */
export async function firstCopied(
  source: Side,
  target: Side,
  from: Both,
  withTime: boolean,
): Promise<Both | undefined> {
  const first = await firstOf(target, from.target, withTime)
  const place = first && (await placeOf(first, source, from.source, withTime))
  return first && place !== undefined ? { source: place, target: first.offset } : undefined
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

/** The last visible record of a side before `end`, at or behind `from`. */
interface Last {
  readonly offset: number
  readonly timestamp: number
  readonly mark: string
}

/** Offsets that are looked through at a time, from the end on. */
const LAST_AMONG = 16

async function lastOf(side: Side, from: number, end: number, withTime: boolean): Promise<Last | undefined> {
  for (let until = end, span = LAST_AMONG; until > from; span *= 16) {
    const begin = Math.max(from, until - span)
    let last: Last | undefined
    await side.look(begin, (record) => {
      if (record.offset >= until) return false
      last = { offset: record.offset, timestamp: record.timestamp, mark: markOf(record, withTime) }
      return true
    })
    if (last) return last
    until = begin
  }
  return undefined
}

/**
 * Where the last visible record of the source before `end` is on the target; `none`: there is none at or behind `from.source`;
 * `missing`: it is not found on the target. It is looked for at `guess`, then from the first record of its time on.
 * @throws Failure
 */
export async function lastCopied(
  { source, target, withTime }: { readonly source: Side; readonly target: Side; readonly withTime: boolean },
  from: Both,
  end: number,
  guess: number,
): Promise<{ readonly sourceOffset: number; readonly targetOffset: number } | 'none' | 'missing'> {
  const last = await lastOf(source, from.source, end, withTime)
  if (!last) return 'none'
  const { mark, timestamp, offset: sourceOffset } = last
  const guessed = await runAt(target, Math.max(from.target, guess), [mark], { withTime, most: 1 })
  const since = guessed === undefined && timestamp >= 0 ? await target.since(timestamp) : undefined
  const begin = Math.max(from.target, since ?? from.target)
  const targetOffset = guessed ?? (await runAt(target, begin, [mark], { withTime, most: LOOKED_THROUGH }))
  return targetOffset === undefined ? 'missing' : { sourceOffset, targetOffset }
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
