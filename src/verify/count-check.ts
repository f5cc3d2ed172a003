// Counts visible records on both sides without comparing them.
import { counted as number } from '../base/counted.ts'
import { Failure } from '../base/failure.ts'
import { sleep } from '../base/retry.ts'
import { RecordStream } from './compare/tape.ts'
import { moreSevere, type PartitionOutcome } from './outcome.ts'
import { logShrunk } from './range-check.ts'
import type { PartitionSide } from './read/side.ts'
import { lastCopied } from './start-together.ts'

export interface CountCheckParts {
  readonly source: PartitionSide
  readonly target: PartitionSide
  readonly from: { readonly source: number; readonly target: number }
  readonly sourceEnd: number
  /** end of the target, read before that of the source */
  readonly targetEnd: number
  readonly outcome: PartitionOutcome
  readonly withTime: boolean
  readonly waitMs: number
  readonly isCopied: () => Promise<boolean | undefined>
  readonly signal: AbortSignal
}

/**
 * Counts both sides of a partition; waits for records that the target does not have yet. A damaged batch is a difference.
 * @throws Failure when a side cannot be read
 */
export async function checkCounts(parts: CountCheckParts): Promise<void> {
  const { source, target, from, sourceEnd, targetEnd, outcome } = parts
  const mine = new RecordStream(from.source, sourceEnd)
  const theirs = new RecordStream(from.target, targetEnd)
  const expected = await countTo(source, mine, outcome)
  if (expected !== undefined && !mine.ended) throw logShrunk(source, mine)
  const counted = expected === undefined ? undefined : await countTo(target, theirs, outcome)
  if (expected === undefined || counted === undefined) return
  const late = counted < expected ? await countLate(parts, theirs, expected - counted) : 0
  if (late === undefined) return
  const all = counted + late
  outcome.counted = { source: expected, target: counted > expected ? counted : Math.min(all, expected) }
  outcome.source = { ...outcome.source, to: mine.next }
  outcome.target = { ...outcome.target, to: theirs.next }
  if (counted > expected)
    different(outcome, `${number(counted - expected, 'record')} more than the source had up to offset ${sourceEnd}`)
  else if (all < expected) await lacks(parts, expected - all, expected)
  else if (late > 0) await lastMustBeThere(parts, expected)
}

/** Continues counting while the target grows, until `wanted` more records were found or no more arrive; undefined for a damaged batch. */
async function countLate(parts: CountCheckParts, theirs: RecordStream, wanted: number): Promise<number | undefined> {
  const { target, outcome, waitMs, signal } = parts
  let waitingSince = Date.now()
  let late = 0
  while (late < wanted) {
    const isLast = (await parts.isCopied()) === true || signal.aborted || Date.now() - waitingSince >= waitMs
    const more = await countOn(target, theirs, outcome)
    if (more === undefined) return undefined
    late += more
    if (more > 0) waitingSince = Date.now()
    else if (isLast) break
    else await sleep(50, signal)
  }
  return late
}

async function lacks({ outcome, isCopied }: CountCheckParts, records: number, expected: number): Promise<void> {
  if (await isCopied())
    return different(outcome, `${number(records, 'record')} fewer than the source, although all were copied`)
  outcome.verdict = moreSevere(outcome.verdict, 'notYet')
  outcome.late = `the target does not have ${records} of ${number(expected, 'record')} yet`
}

/** Records that arrived during the wait may be newer than the counted range of the source, and would hide missing ones before them. */
async function lastMustBeThere(parts: CountCheckParts, expected: number): Promise<void> {
  const { target, from, sourceEnd, outcome } = parts
  const last = await lastCopied(parts, from, sourceEnd, from.target + expected - 1)
  if (last === 'none') return
  if (last === 'missing')
    return different(
      outcome,
      `other records than the source: the last one before source offset ${sourceEnd} is missing`,
    )
  const counted = await countTo(target, new RecordStream(from.target, last.targetOffset + 1), outcome)
  if (counted === undefined) return
  outcome.counted = { source: expected, target: counted }
  if (counted === expected) return
  const how = counted < expected ? 'fewer' : 'more'
  const which = Math.abs(counted - expected)
  different(outcome, `${number(which, 'record')} ${how} than the source up to source offset ${last.sourceOffset}`)
}

function different(outcome: PartitionOutcome, what: string): void {
  outcome.differences.push({ kind: 'count', sentence: `the target has ${what}` })
  outcome.verdict = moreSevere(outcome.verdict, 'different')
}

/** Number of visible records up to the limit; undefined if a batch is damaged, which is then a difference. */
async function countTo(
  side: PartitionSide,
  stream: RecordStream,
  outcome: PartitionOutcome,
): Promise<number | undefined> {
  try {
    let records = 0
    for (;;) {
      while (stream.ready()) records += stream.countBatch()
      if (stream.ended || (await side.fill(stream)) !== 'moved') return records
    }
  } catch (error) {
    return damaged(side, error, outcome)
  }
}

/** Number of records after those already counted, up to the current end. */
async function countOn(
  side: PartitionSide,
  stream: RecordStream,
  outcome: PartitionOutcome,
): Promise<number | undefined> {
  stream.limit = Number.POSITIVE_INFINITY
  return countTo(side, stream, outcome)
}

function damaged(side: PartitionSide, error: unknown, outcome: PartitionOutcome): undefined {
  if (!(error instanceof Failure) || error.code !== 'CORRUPT_BATCH') throw error
  const sentence = `${side.topic}-${side.partition} on cluster ${side.cluster}: ${error.message}`
  outcome.differences.push({ kind: 'damaged', sentence })
  outcome.verdict = moreSevere(outcome.verdict, 'different')
}
