// Counts visible records on both sides without comparing them.
import { counted as number } from '../base/counted.ts'
import { Failure } from '../base/failure.ts'
import { sleep } from '../base/retry.ts'
import { Tape } from './compare/tape.ts'
import { graver, type PartitionOutcome } from './outcome.ts'
import { shrunk } from './range-check.ts'
import type { Side } from './read/side.ts'
import { lastCopied } from './start-together.ts'

export interface CountCheckParts {
  readonly source: Side
  readonly target: Side
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
 * Counts both sides of a partition; waits for what the target does not have yet. A damaged batch is a finding.
 * @throws Failure when a side cannot be read
 */
export async function checkCounts(parts: CountCheckParts): Promise<void> {
  const { source, target, from, sourceEnd, targetEnd, outcome } = parts
  const mine = new Tape(from.source, sourceEnd)
  const theirs = new Tape(from.target, targetEnd)
  const expected = await countTo(source, mine, outcome)
  if (expected !== undefined && !mine.ended) throw shrunk(source, mine)
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

/** Counts on while the target gets more, until `wanted` have come or nothing comes any more; undefined for a damaged batch. */
async function countLate(parts: CountCheckParts, theirs: Tape, wanted: number): Promise<number | undefined> {
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
  outcome.verdict = graver(outcome.verdict, 'notYet')
  outcome.late = `the target does not have ${records} of ${number(expected, 'record')} yet`
}

/** What came while it was waited may be newer than what was counted on the source, and then hides what is missing before it. */
async function lastMustBeThere(parts: CountCheckParts, expected: number): Promise<void> {
  const { target, from, sourceEnd, outcome } = parts
  const last = await lastCopied(parts, from, sourceEnd, from.target + expected - 1)
  if (last === 'none') return
  if (last === 'missing')
    return different(
      outcome,
      `other records than the source: the last one before source offset ${sourceEnd} is missing`,
    )
  const counted = await countTo(target, new Tape(from.target, last.targetOffset + 1), outcome)
  if (counted === undefined) return
  outcome.counted = { source: expected, target: counted }
  if (counted === expected) return
  const how = counted < expected ? 'fewer' : 'more'
  const which = Math.abs(counted - expected)
  different(outcome, `${number(which, 'record')} ${how} than the source up to source offset ${last.sourceOffset}`)
}

function different(outcome: PartitionOutcome, what: string): void {
  outcome.differences.push({ kind: 'count', sentence: `the target has ${what}` })
  outcome.verdict = graver(outcome.verdict, 'different')
}

/** Undefined where a batch is damaged, which is then a finding. */
async function countTo(side: Side, tape: Tape, outcome: PartitionOutcome): Promise<number | undefined> {
  try {
    let records = 0
    for (;;) {
      while (tape.ready()) records += tape.countBatch()
      if (tape.ended || (await side.fill(tape)) !== 'moved') return records
    }
  } catch (error) {
    return damaged(side, error, outcome)
  }
}

/** Whatever lies behind what was counted, up to the present end. */
async function countOn(side: Side, tape: Tape, outcome: PartitionOutcome): Promise<number | undefined> {
  tape.limit = Number.POSITIVE_INFINITY
  return countTo(side, tape, outcome)
}

function damaged(side: Side, error: unknown, outcome: PartitionOutcome): undefined {
  if (!(error instanceof Failure) || error.code !== 'CORRUPT_BATCH') throw error
  const sentence = `${side.topic}-${side.partition} on cluster ${side.cluster}: ${error.message}`
  outcome.differences.push({ kind: 'damaged', sentence })
  outcome.verdict = graver(outcome.verdict, 'different')
}
