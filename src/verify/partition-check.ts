// One partition at the depth that was asked for: fixes where both begin, chooses how to compare, and keeps the progress.
import { counted } from '../base/counted.ts'
import { CompactedCheck } from './compacted-check.ts'
import { type DigestState, RollingDigest } from './compare/rolling-digest.ts'
import { Tape } from './compare/tape.ts'
import { checkCounts } from './count-check.ts'
import { firstKept, noteDeleted } from './expiry.ts'
import { checkOffsets } from './offset-check.ts'
import { graver, newOutcome, type PartitionOutcome } from './outcome.ts'
import { type AtRest, RangeCheck } from './range-check.ts'
import type { Side } from './read/side.ts'
import type { FixedRange } from './scope/ranges.ts'
import { nothingStored, type StoredPlace } from './scope/stored.ts'
import { type Both, counterpartOf, firstCopied, startTogether, type Trimmed } from './start-together.ts'

const depths = ['offsets', 'counts', 'sample', 'full'] as const
export type Depth = (typeof depths)[number]

/** Where a comparison goes on after a kill. */
export interface PartitionProgress {
  readonly sourceNext: number
  readonly targetNext: number
  readonly digests: { readonly source: DigestState; readonly target: DigestState }
  readonly range: FixedRange
  readonly outcome: PartitionOutcome
  readonly isDone: boolean
}

interface PartitionCheckParts {
  readonly depth: Depth
  readonly source: Side
  readonly target: Side
  readonly range: FixedRange
  readonly isCompacted: boolean
  readonly targetCompacts: boolean
  /** how long the source keeps records, ms; undefined: for ever, by size, or not known */
  readonly retentionMs: number | undefined
  /** what is not known about the topic */
  readonly notes: readonly string[]
  readonly withTime: boolean
  readonly showRecords: boolean
  readonly maxDifferences: number
  readonly waitMs: number
  readonly memoryBytes: number
  readonly stored: () => Promise<StoredPlace | undefined>
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
    const { depth, isCompacted, range, withTime } = this.#parts
    if (depth === 'full' && !isCompacted && progress) return this.#compareFull(progress)
    const { by, source: sourceOffset, target: targetOffset } = range.start
    this.#outcome.start = { by, sourceOffset, targetOffset }
    this.#outcome.notes.push(...this.#parts.notes)
    if (depth === 'offsets') return this.#offsets()
    if (!withTime) this.#outcome.notes.push('timestamps were not compared: the target sets them itself (LogAppendTime)')
    const from = by === 'unknown' ? await this.#fromUnknown() : await this.#from()
    if (!from) return
    if (isCompacted) return this.#compareKeys(from)
    if (depth === 'counts') return this.#count(from)
    if (depth === 'sample') return this.#sample(from)
    return this.#compareFull(this.#fresh(from))
  }

  /** Where both begin together, and what cannot be compared any more. */
  async #from(): Promise<Both> {
    const { range, isCompacted } = this.#parts
    const starts = startsOf(range)
    const trimmed = trimmedOf(range)
    const from = isCompacted ? { ...starts } : { ...(await startTogether(this.#parts, starts, trimmed)) }
    if (trimmed.source && range.sourceStart === range.sourceEnd) from.target = Math.max(from.target, range.targetEnd)
    if (await this.#isEmptied(starts.source, trimmed)) from.source = range.sourceEnd
    if (trimmed.target && from.source > starts.source)
      await noteDeleted(this.#parts, this.#outcome, { from: starts.source, to: from.source }, range.targetStart)
    else from.source = starts.source
    if (from.target > starts.target && trimmed.source)
      this.#outcome.notes.push(
        `target offsets ${starts.target} to ${from.target - 1} cannot be compared: the source has deleted its oldest records`,
      )
    else from.target = starts.target
    this.#begin(from)
    return from
  }

  /** The target has deleted all it had, and the source still holds what was copied. */
  async #isEmptied(from: number, trimmed: Trimmed): Promise<boolean> {
    const { range, isCompacted, source } = this.#parts
    if (!trimmed.target || isCompacted || range.targetStart < range.targetEnd) return false
    if ((await this.#isCopied(range.sourceEnd)) !== true) return false
    let isThere = false
    await source.look(from, ({ offset }) => {
      isThere = offset < range.sourceEnd
      return false
    })
    return isThere
  }

  /** Notes where it begins, where that is not where the logs begin. */
  #begin(from: Both): void {
    const { start, sourceStart, targetStart } = this.#parts.range
    const { notes } = this.#outcome
    if (start.by === 'stored' && start.source > sourceStart)
      notes.push(`compared from source offset ${start.source} on, where copying began`)
    if (start.by === 'configured' && start.source > sourceStart)
      notes.push(`compared from source offset ${start.source} on, where copying begins by the configuration`)
    if (start.target > targetStart)
      notes.push(`target offsets ${targetStart} to ${start.target - 1} were there before copying began: not compared`)
    this.#outcome.source = { from: from.source, to: from.source }
    this.#outcome.target = { from: from.target, to: from.target }
  }

  /** Where the target begins on the source: what lies before may have been left out on purpose, or have been lost. */
  async #fromUnknown(): Promise<Both | undefined> {
    const { source, target, range, withTime } = this.#parts
    const outcome = this.#outcome
    const place = await this.#parts.stored()
    if (!place && range.targetStart === range.targetEnd) {
      outcome.late = nothingStored
      outcome.verdict = graver(outcome.verdict, 'notYet')
      return undefined
    }
    outcome.verdict = graver(outcome.verdict, 'incomplete')
    const unknown = 'where copying of this partition began is not stored and does not follow from the configuration'
    const from = await firstCopied(source, target, startsOf(range), withTime)
    if (!from) {
      outcome.notes.push(`${unknown}; the first record of the target is not on the source: nothing was compared`)
      return undefined
    }
    outcome.notes.push(
      `${unknown}: compared from source offset ${from.source} on, which is the first record of the target; whether records before it had to be copied is not known`,
    )
    outcome.source = { from: from.source, to: from.source }
    outcome.target = { from: from.target, to: from.target }
    return from
  }

  #fresh({ source, target }: Both): PartitionProgress {
    const empty = new RollingDigest().state
    const digests = { source: empty, target: empty }
    const { range } = this.#parts
    return { sourceNext: source, targetNext: target, digests, range, outcome: this.#outcome, isDone: false }
  }

  async #compareFull(progress: PartitionProgress): Promise<void> {
    const { range, keep } = this.#parts
    const { late: _late, heldBack: _heldBack, ...kept } = structuredClone(progress.outcome)
    // Of an earlier run only what was found for good counts; the rest is found out again.
    const known = kept.start?.by === 'unknown' ? 'incomplete' : 'equal'
    const outcome: PartitionOutcome = { ...kept, verdict: kept.differences.length > 0 ? 'different' : known }
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
    this.#begin(startsOf(range))
    return checkOffsets({ ...this.#parts, outcome: this.#outcome, isCopied: () => this.#isCopied(range.sourceEnd) })
  }

  #count(from: Both): Promise<void> {
    return checkCounts(this.#counting(from))
  }

  #counting(from: Both) {
    const { range } = this.#parts
    const { sourceEnd, targetEnd } = range
    const isCopied = () => this.#isCopied(sourceEnd)
    return { ...this.#parts, from, sourceEnd, targetEnd, outcome: this.#outcome, isCopied }
  }

  async #compareKeys(from: Both): Promise<void> {
    const { range } = this.#parts
    const trimmed = trimmedOf(range)
    const isUnknown = range.start.by === 'unknown'
    const excusedBelow = isUnknown ? Number.POSITIVE_INFINITY : trimmed.target ? await firstKept(this.#parts) : 0
    const excused = { sourceBelow: excusedBelow, target: trimmed.source || isUnknown }
    return new CompactedCheck({ ...this.#counting(from), excused }).run()
  }

  /** Head, tail and windows evenly between them. */
  async #sample(from: Both): Promise<void> {
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

/** Where both would begin if nothing was deleted. */
function startsOf({ start, sourceStart, targetStart }: FixedRange): Both {
  return { source: Math.max(sourceStart, start.source), target: Math.max(targetStart, start.target) }
}

/** Which sides have deleted records of those that are to be compared. */
function trimmedOf({ start, sourceStart, targetStart }: FixedRange): Trimmed {
  return { source: sourceStart > start.source, target: targetStart > start.target }
}
