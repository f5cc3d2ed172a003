// Finds the offsets from which both logs of a partition have the same records: their starts, unless one has deleted its oldest records.
import type { BatchRecord } from '../batch/records.ts'
import { markOf } from './compare/seen.ts'
import type { PartitionSide } from './read/side.ts'

export interface OffsetPair {
  source: number
  target: number
}

/** Number of consecutive records that must be equal (fewer at the end of the log). */
const IN_A_ROW = 4
/** How many records are searched from the expected offset on. */
const LOOKED_THROUGH = 50_000

interface First {
  readonly offset: number
  readonly timestamp: number
  readonly marks: readonly string[]
}

/** Which sides have deleted records of the range to be compared. */
export interface Trimmed {
  readonly source: boolean
  readonly target: boolean
}

/**
 * The first offsets, at or after `from`, from which both sides have the same records. `from` itself if the first records are the
 * same, no side is trimmed, or no such offsets are found.
 * @param withTime false if timestamps are not compared
 * @throws Failure when a side cannot be read
 */
export async function startTogether(
  {
    source,
    target,
    withTime,
  }: { readonly source: PartitionSide; readonly target: PartitionSide; readonly withTime: boolean },
  from: OffsetPair,
  trimmed: Trimmed,
): Promise<OffsetPair> {
  if (!trimmed.source && !trimmed.target) return from
  const [mine, theirs] = await Promise.all([
    firstOf(source, from.source, withTime),
    firstOf(target, from.target, withTime),
  ])
  if (!mine || !theirs || startsAlike(mine.marks, theirs.marks)) return from
  if (trimmed.source) {
    const offset = await findOffset(mine, target, from.target, withTime)
    if (offset !== undefined) return { source: from.source, target: offset }
  }
  if (trimmed.target) {
    const offset = await findOffset(theirs, source, from.source, withTime)
    if (offset !== undefined) return { source: offset, target: theirs.offset }
  }
  return from
}

/**
 * The source offset of the first target record at or after `from`; undefined when there is no such record, or it is not found.
 * @throws Failure when a side cannot be read
 */
export async function firstCopied(
  source: PartitionSide,
  target: PartitionSide,
  from: OffsetPair,
  withTime: boolean,
): Promise<OffsetPair | undefined> {
  const first = await firstOf(target, from.target, withTime)
  const offset = first && (await findOffset(first, source, from.source, withTime))
  return first && offset !== undefined ? { source: offset, target: first.offset } : undefined
}

/** The offset on the other side of the records from `offset` on; undefined when they are not found. @throws Failure when a side cannot be read */
export async function counterpartOf(
  side: PartitionSide,
  offset: number,
  other: PartitionSide,
  { from, guess, withTime }: { readonly from: number; readonly guess: number; readonly withTime: boolean },
): Promise<number | undefined> {
  const first = await firstOf(side, offset, withTime)
  if (!first) return undefined
  const shifted = await runAt(other, Math.max(from, guess + first.offset - offset), first.marks, { withTime, most: 1 })
  return shifted ?? findOffset(first, other, from, withTime)
}

/** The last visible record of a side before `end`, at or after `from`. */
interface Last {
  readonly offset: number
  readonly timestamp: number
  readonly mark: string
}

/** Number of offsets that are searched at first, backwards from the end; it grows with each step. */
const LAST_AMONG = 16

async function lastOf(side: PartitionSide, from: number, end: number, withTime: boolean): Promise<Last | undefined> {
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
 * The target offset of the last visible source record before `end`. `none`: there is no such record at or after `from.source`;
 * `missing`: it was not found on the target. It is searched at `guess`, then from the first record with its timestamp on.
 * @throws Failure when a side cannot be read
 */
export async function lastCopied(
  {
    source,
    target,
    withTime,
  }: { readonly source: PartitionSide; readonly target: PartitionSide; readonly withTime: boolean },
  from: OffsetPair,
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

async function findOffset(
  first: First,
  other: PartitionSide,
  from: number,
  withTime: boolean,
): Promise<number | undefined> {
  const { marks, offset, timestamp } = first
  const same = await runAt(other, Math.max(from, offset), marks, { withTime, most: 1 })
  if (same !== undefined) return same
  const since = timestamp < 0 ? undefined : await other.since(timestamp)
  return runAt(other, Math.max(from, since ?? from), marks, { withTime, most: LOOKED_THROUGH })
}

async function firstOf(side: PartitionSide, offset: number, withTime: boolean): Promise<First | undefined> {
  const marks: string[] = []
  let first: Pick<BatchRecord, 'offset' | 'timestamp'> | undefined
  await side.look(offset, (record) => {
    first ??= { offset: record.offset, timestamp: record.timestamp }
    marks.push(markOf(record, withTime))
    return marks.length < IN_A_ROW
  })
  return first && { ...first, marks }
}

/** The offset at which these records begin, consecutively, within the next `most` records. */
async function runAt(
  side: PartitionSide,
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
