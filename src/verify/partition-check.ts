// One partition at the depth that was asked for: fixes where both begin, chooses how to compare, and keeps the progress.

import { counted } from '../base/counted.ts'
import { CompactedCheck } from './compacted-check.ts'
import { type DigestState, RollingDigest } from './compare/rolling-digest.ts'
import { Tape } from './compare/tape.ts'
import { checkCounts } from './count-check.ts'
import { checkOffsets } from './offset-check.ts'
import { graver, newOutcome, type PartitionOutcome } from './outcome.ts'
import { type AtRest, RangeCheck } from './range-check.ts'
import type { Side } from './read/side.ts'
import { counterpartOf, startTogether } from './start-together.ts'
import type { StoredPlace } from './stored.ts'

export const depths = ['offsets', 'counts', 'sample', 'full'] as const
export type Depth = (typeof depths)[number]

/** What was fixed of a partition before anything was read. */
export interface FixedRange {
  readonly sourceStart: number
  readonly sourceEnd: number
  readonly targetStart: number
  /** read before the end of the source: all below it came from below `sourceEnd` */
  readonly targetEnd: number
}

/** Where a comparison goes on after a kill. */
export interface PartitionProgress {
  readonly sourceNext: number
  readonly targetNext: number
  readonly digests: { readonly source: DigestState; readonly target: DigestState }
  readonly range: FixedRange
  readonly outcome: PartitionOutcome
  readonly isDone: boolean
}

export interface PartitionCheckParts {
  readonly depth: Depth
  readonly source: Side
  readonly target: Side
  readonly range: FixedRange
  readonly isCompacted: boolean
  readonly withTime: boolean
  readonly showRecords: boolean
  readonly maxDifferences: number
  readonly waitMs: number
  readonly memoryBytes: number
  readonly stored: () => Promise<StoredPlace | undefined>
  readonly ids: { readonly source: string; readonly target: string }
  readonly signal: AbortSignal
  readonly keep: (isDone: boolean, progress: () => PartitionProgress) => void
}

const WINDOWS = 10
const WINDOW_RECORDS = 1000
/** Markers at the end are passed over by MirrorMaker 2 without a note; so many offsets are looked through for records. */
const MARKERS = 10_000

export class PartitionCheck {
  readonly #parts: PartitionCheckParts
  #outcome: PartitionOutcome = newOutcome()

  constructor(parts: PartitionCheckParts) {
    this.#parts = parts
  }

  /** What is known so far, also after a failure. */
  get outcome(): PartitionOutcome {
    return this.#outcome
  }

  /** @param progress where an earlier run left off @throws Failure when a side cannot be read */
  async run(progress: PartitionProgress | undefined): Promise<void> {
    const { depth, isCompacted } = this.#parts
    if (depth === 'offsets') return this.#offsets()
    if (depth === 'full' && !isCompacted && progress) return this.#compareFull(progress)
    if (!this.#parts.withTime)
      this.#outcome.notes.push('times were not compared: the target stamps records itself (LogAppendTime)')
    const from = await this.#from()
    if (isCompacted) return this.#compareKeys(from)
    if (depth === 'counts') return this.#count(from)
    if (depth === 'sample') return this.#sample(from)
    return this.#compareFull(this.#fresh(from))
  }

  /** Where both begin together, and what cannot be compared any more. */
  async #from(): Promise<{ source: number; target: number }> {
    const { source, target, range, withTime, isCompacted } = this.#parts
    const { sourceStart, targetStart } = range
    const starts: { source: number; target: number } = { source: sourceStart, target: targetStart }
    const from = isCompacted ? starts : { ...(await startTogether(source, target, starts, withTime)) }
    const notes = this.#outcome.notes
    if (sourceStart > 0 && sourceStart === range.sourceEnd) from.target = Math.max(from.target, range.targetEnd)
    if (targetStart > 0 && targetStart === range.targetEnd && (await this.#isCopied(range.sourceEnd)) === true)
      from.source = range.sourceEnd
    if (from.source > sourceStart && targetStart > 0)
      notes.push(
        `source offsets ${sourceStart} to ${from.source - 1} cannot be compared: the target has deleted its oldest records`,
      )
    else from.source = sourceStart
    if (from.target > targetStart && sourceStart > 0)
      notes.push(
        `target offsets ${targetStart} to ${from.target - 1} cannot be compared: the source has deleted its oldest records`,
      )
    else from.target = targetStart
    this.#outcome.source = { from: from.source, to: from.source }
    this.#outcome.target = { from: from.target, to: from.target }
    return from
  }

  #fresh({ source, target }: { source: number; target: number }): PartitionProgress {
    const empty = new RollingDigest().state
    const digests = { source: empty, target: empty }
    const { range } = this.#parts
    return { sourceNext: source, targetNext: target, digests, range, outcome: this.#outcome, isDone: false }
  }

  async #compareFull(progress: PartitionProgress): Promise<void> {
    const { range, keep } = this.#parts
    const { late: _late, ...kept } = structuredClone(progress.outcome)
    const outcome: PartitionOutcome = { ...kept, verdict: kept.differences.length > 0 ? 'different' : 'equal' }
    this.#outcome = outcome
    const tapes = {
      source: new Tape(progress.sourceNext, range.sourceEnd, new RollingDigest(progress.digests.source)),
      target: new Tape(progress.targetNext, Number.POSITIVE_INFINITY, new RollingDigest(progress.digests.target)),
    }
    const progressOf = (soFar: PartitionOutcome, isDone: boolean): PartitionProgress => ({
      ...{
        sourceNext: tapes.source.next,
        targetNext: tapes.target.next,
        range,
        outcome: structuredClone(soFar),
        isDone,
      },
      digests: { source: tapes.source.digest.state, target: tapes.target.digest.state },
    })
    await this.#range(tapes, range.targetEnd, (soFar) => keep(false, () => progressOf(soFar(), false)))
    outcome.digests = { source: tapes.source.digest.value, target: tapes.target.digest.value }
    const isDone = outcome.verdict === 'equal' || outcome.verdict === 'different'
    keep(isDone, () => progressOf(outcome, isDone))
  }

  #range(tapes: { source: Tape; target: Tape }, targetEnd: number, atRest: AtRest): Promise<void> {
    const check = new RangeCheck({
      ...this.#parts,
      ...{ tapes, outcome: this.#outcome, targetEnd, atRest, isCopied: () => this.#isCopied(tapes.source.limit) },
    })
    return check.run()
  }

  #offsets(): Promise<void> {
    const { range } = this.#parts
    return checkOffsets({ ...this.#parts, outcome: this.#outcome, isCopied: () => this.#isCopied(range.sourceEnd) })
  }

  #count(from: { source: number; target: number }): Promise<void> {
    return checkCounts(this.#counting(from))
  }

  #counting(from: { source: number; target: number }) {
    const { range } = this.#parts
    const { sourceEnd, targetEnd } = range
    const isCopied = () => this.#isCopied(sourceEnd)
    return { ...this.#parts, from, sourceEnd, targetEnd, outcome: this.#outcome, isCopied }
  }

  #compareKeys(from: { source: number; target: number }): Promise<void> {
    return new CompactedCheck(this.#counting(from)).run()
  }

  /** Head, tail and windows evenly between them. */
  async #sample(from: { source: number; target: number }): Promise<void> {
    const { range, source, target, withTime } = this.#parts
    const total = range.sourceEnd - from.source
    const outcome = this.#outcome
    if (total <= WINDOWS * WINDOW_RECORDS) return this.#compareFull(this.#fresh(from))
    let last = from
    let covered = 0
    for (let window = 0; window < WINDOWS; window++) {
      const at = from.source + Math.floor((window * (total - WINDOW_RECORDS)) / (WINDOWS - 1))
      const guess = last.target + at - last.source
      const there =
        window === 0 ? from.target : await counterpartOf(source, at, target, { from: last.target, guess, withTime })
      if (there === undefined) {
        await this.#unlocated(at, window === WINDOWS - 1)
        continue
      }
      const tapes = { source: new Tape(at, at + WINDOW_RECORDS), target: new Tape(there) }
      await this.#range(tapes, window === WINDOWS - 1 ? range.targetEnd : 0, () => {})
      covered += WINDOW_RECORDS
      last = { source: tapes.source.next, target: tapes.target.next }
    }
    outcome.source = { from: from.source, to: range.sourceEnd }
    outcome.target = { from: from.target, to: last.target }
    outcome.notes.push(`sampled: ${covered} of ${counted(total, 'source offset')}, in ${WINDOWS} windows`)
  }

  async #unlocated(sourceOffset: number, isLast: boolean): Promise<void> {
    const outcome = this.#outcome
    if (isLast && (await this.#isCopied(this.#parts.range.sourceEnd)) !== true) {
      outcome.verdict = graver(outcome.verdict, 'notYet')
      outcome.late = `the target does not have source offset ${sourceOffset} yet`
      return
    }
    const sentence = `the records from source offset ${sourceOffset} on were not found on the target`
    outcome.differences.push({ kind: 'missing', sourceOffset, sentence })
    outcome.verdict = 'different'
  }

  async #isCopied(sourceEnd: number): Promise<boolean | undefined> {
    const place = await this.#parts.stored()
    if (!place) return undefined
    if (place.sourceNext >= sourceEnd) return true
    if (place.by === 'godwit' || sourceEnd - place.sourceNext > MARKERS) return false
    let isLeft = false
    await this.#parts.source.look(place.sourceNext, ({ offset }) => {
      isLeft = offset < sourceEnd
      return false
    })
    return !isLeft
  }
}
