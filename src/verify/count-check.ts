// Counts visible records on both sides without comparing them.
import { counted as number } from '../base/counted.ts'
import { Failure } from '../base/failure.ts'
import { sleep } from '../base/retry.ts'
import { Tape } from './compare/tape.ts'
import { graver, type PartitionOutcome } from './outcome.ts'
import { shrunk } from './range-check.ts'
import type { Side } from './read/side.ts'

export interface CountCheckParts {
  readonly source: Side
  readonly target: Side
  readonly from: { readonly source: number; readonly target: number }
  readonly sourceEnd: number
  /** end of the target, read before that of the source */
  readonly targetEnd: number
  readonly outcome: PartitionOutcome
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
  let counted = expected === undefined ? undefined : await countTo(target, theirs, outcome)
  if (expected === undefined || counted === undefined) return
  const surplus = counted - expected
  let waitingSince = Date.now()
  while (surplus <= 0 && counted < expected) {
    const isLast =
      (await parts.isCopied()) === true || parts.signal.aborted || Date.now() - waitingSince >= parts.waitMs
    const more: number | undefined = await countOn(target, theirs, outcome)
    if (more === undefined) return
    counted += more
    if (more > 0) waitingSince = Date.now()
    else if (isLast) break
    else await sleep(50, parts.signal)
  }
  outcome.counted = { source: expected, target: surplus > 0 ? counted : Math.min(counted, expected) }
  outcome.source = { ...outcome.source, to: mine.next }
  outcome.target = { ...outcome.target, to: theirs.next }
  if (surplus > 0) different(outcome, `${number(surplus, 'record')} more than the source had up to offset ${sourceEnd}`)
  else if (counted >= expected) return
  else if (await parts.isCopied())
    different(outcome, `${number(expected - counted, 'record')} less than the source, though all were copied`)
  else {
    outcome.verdict = graver(outcome.verdict, 'notYet')
    outcome.late = `the target does not have ${expected - counted} of ${number(expected, 'record')} yet`
  }
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
