// Compares one partition at the requested depth: determines where both sides begin, selects the comparison, and saves the progress.
import { counted } from '../base/counted.ts'
import { CompactedCheck } from './compacted-check.ts'
import { type DigestState, RollingDigest } from './compare/rolling-digest.ts'
import { RecordStream } from './compare/tape.ts'
import { checkCounts } from './count-check.ts'
import { firstKept, noteDeleted } from './expiry.ts'
import { checkOffsets } from './offset-check.ts'
import { moreSevere, newOutcome, type PartitionOutcome } from './outcome.ts'
import { type OnCompared, RangeCheck } from './range-check.ts'
import type { PartitionSide } from './read/side.ts'
import type { FixedRange } from './scope/ranges.ts'
import { type CopyPosition, nothingStored } from './scope/stored.ts'
import { counterpartOf, firstCopied, type OffsetPair, startTogether, type Trimmed } from './start-together.ts'

const depths = ['offsets', 'counts', 'sample', 'full'] as const
export type Depth = (typeof depths)[number]

/** The saved state from which a comparison continues after a kill. */
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
  readonly source: PartitionSide
  readonly target: PartitionSide
  readonly range: FixedRange
  readonly isCompacted: boolean
  readonly targetCompacts: boolean
  /** retention.ms of the source; undefined: no time limit, or not known */
  readonly retentionMs: number | undefined
  /** remarks on what is not known about the topic */
  readonly notes: readonly string[]
  readonly withTime: boolean
  readonly showRecords: boolean
  readonly maxDifferences: number
  readonly waitMs: number
  readonly memoryBytes: number
  readonly stored: () => Promise<CopyPosition | undefined>
  readonly signal: AbortSignal
  readonly keep: (isDone: boolean, progress: () => PartitionProgress) => void
}

const WINDOWS = 10
const WINDOW_RECORDS = 1000
/** MirrorMaker 2 does not store offsets of markers at the end; up to this many offsets are searched for records. */
const MARKERS = 10_000

export class PartitionCheck {
  readonly #parts: PartitionCheckParts
  #outcome: PartitionOutcome = newOutcome()

  constructor(parts: PartitionCheckParts) {
    this.#parts = parts
  }

  /** The outcome so far, also after a failure. */
  get outcome(): PartitionOutcome {
    return this.#outcome
  }

  /** Compares the partition. @param progress saved state of an earlier run @throws Failure when a side cannot be read */
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

  /** The offsets at which the comparison begins. Notes what cannot be compared any more. */
  async #from(): Promise<OffsetPair> {
    const { range, isCompacted } = this.#parts
    const starts = startsOf(range)
    const trimmed = trimmedOf(range)
    const from = isCompacted ? { ...starts } : { ...(await startTogether(this.#parts, starts, trimmed)) }
    if (trimmed.source && range.sourceStart === range.sourceEnd) from.target = Math.max(from.target, range.targetEnd)
    if (await this.#hasDeletedEverything(starts.source, trimmed)) from.source = range.sourceEnd
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

  /** Whether the target has deleted everything, while the source still has the copied records. */
  async #hasDeletedEverything(from: number, trimmed: Trimmed): Promise<boolean> {
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

  /** Notes where the comparison begins, if that is not the start of the logs. */
  #begin(from: OffsetPair): void {
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

  /** The source offset of the first target record. Earlier source records may have been left out on purpose, or lost. */
  async #fromUnknown(): Promise<OffsetPair | undefined> {
    const { source, target, range, withTime } = this.#parts
    const outcome = this.#outcome
    const copyPosition = await this.#parts.stored()
    if (!copyPosition && range.targetStart === range.targetEnd) {
      outcome.late = nothingStored
      outcome.verdict = moreSevere(outcome.verdict, 'notYet')
      return undefined
    }
    outcome.verdict = moreSevere(outcome.verdict, 'incomplete')
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

  #fresh({ source, target }: OffsetPair): PartitionProgress {
    const empty = new RollingDigest().state
    const digests = { source: empty, target: empty }
    const { range } = this.#parts
    return { sourceNext: source, targetNext: target, digests, range, outcome: this.#outcome, isDone: false }
  }

  async #compareFull(progress: PartitionProgress): Promise<void> {
    const { range, keep } = this.#parts
    const { late: _late, heldBack: _heldBack, ...kept } = structuredClone(progress.outcome)
    // Only final findings of the earlier run are kept; the rest is determined again.
    const known = kept.start?.by === 'unknown' ? 'incomplete' : 'equal'
    const outcome: PartitionOutcome = { ...kept, verdict: kept.differences.length > 0 ? 'different' : known }
    this.#outcome = outcome
    const streams = {
      source: new RecordStream(progress.sourceNext, range.sourceEnd, new RollingDigest(progress.digests.source)),
      target: new RecordStream(
        progress.targetNext,
        Number.POSITIVE_INFINITY,
        new RollingDigest(progress.digests.target),
      ),
    }
    const progressOf = (soFar: PartitionOutcome, isDone: boolean): PartitionProgress => ({
      ...{
        sourceNext: streams.source.next,
        targetNext: streams.target.next,
        range,
        outcome: structuredClone(soFar),
        isDone,
      },
      digests: { source: streams.source.digest.state, target: streams.target.digest.state },
    })
    await this.#range(streams, range.targetEnd, (soFar) => keep(false, () => progressOf(soFar(), false)))
    outcome.digests = { source: streams.source.digest.value, target: streams.target.digest.value }
    const isDone = outcome.verdict === 'equal' || outcome.verdict === 'different'
    keep(isDone, () => progressOf(outcome, isDone))
  }

  #range(
    streams: { source: RecordStream; target: RecordStream },
    targetEnd: number,
    onCompared: OnCompared,
  ): Promise<void> {
    const check = new RangeCheck({
      ...this.#parts,
      ...{
        streams,
        outcome: this.#outcome,
        targetEnd,
        onCompared,
        isCopied: () => this.#isCopied(streams.source.limit),
      },
    })
    return check.run()
  }

  #offsets(): Promise<void> {
    const { range } = this.#parts
    this.#begin(startsOf(range))
    return checkOffsets({ ...this.#parts, outcome: this.#outcome, isCopied: () => this.#isCopied(range.sourceEnd) })
  }

  #count(from: OffsetPair): Promise<void> {
    return checkCounts(this.#counting(from))
  }

  #counting(from: OffsetPair) {
    const { range } = this.#parts
    const { sourceEnd, targetEnd } = range
    const isCopied = () => this.#isCopied(sourceEnd)
    return { ...this.#parts, from, sourceEnd, targetEnd, outcome: this.#outcome, isCopied }
  }

  async #compareKeys(from: OffsetPair): Promise<void> {
    const { range } = this.#parts
    const trimmed = trimmedOf(range)
    const isUnknown = range.start.by === 'unknown'
    const excusedBelow = isUnknown ? Number.POSITIVE_INFINITY : trimmed.target ? await firstKept(this.#parts) : 0
    const excused = { sourceBelow: excusedBelow, target: trimmed.source || isUnknown }
    return new CompactedCheck({ ...this.#counting(from), excused }).run()
  }

  /** Compares head, tail and evenly distributed windows between them. */
  async #sample(from: OffsetPair): Promise<void> {
    const { range, source, target, withTime } = this.#parts
    const total = range.sourceEnd - from.source
    const outcome = this.#outcome
    if (total <= WINDOWS * WINDOW_RECORDS) return this.#compareFull(this.#fresh(from))
    let last = from
    let covered = 0
    for (let window = 0; window < WINDOWS; window++) {
      const at = from.source + Math.floor((window * (total - WINDOW_RECORDS)) / (WINDOWS - 1))
      const guess = last.target + at - last.source
      const targetOffset =
        window === 0 ? from.target : await counterpartOf(source, at, target, { from: last.target, guess, withTime })
      if (targetOffset === undefined) {
        await this.#unlocated(at, window === WINDOWS - 1)
        continue
      }
      const streams = { source: new RecordStream(at, at + WINDOW_RECORDS), target: new RecordStream(targetOffset) }
      await this.#range(streams, window === WINDOWS - 1 ? range.targetEnd : 0, () => {})
      covered += WINDOW_RECORDS
      last = { source: streams.source.next, target: streams.target.next }
    }
    outcome.source = { from: from.source, to: range.sourceEnd }
    outcome.target = { from: from.target, to: last.target }
    outcome.notes.push(`sampled: ${covered} of ${counted(total, 'source offset')}, in ${WINDOWS} windows`)
  }

  async #unlocated(sourceOffset: number, isLast: boolean): Promise<void> {
    const outcome = this.#outcome
    if (isLast && (await this.#isCopied(this.#parts.range.sourceEnd)) !== true) {
      outcome.verdict = moreSevere(outcome.verdict, 'notYet')
      outcome.late = `the target does not have source offset ${sourceOffset} yet`
      return
    }
    const sentence = `the records from source offset ${sourceOffset} on were not found on the target`
    outcome.differences.push({ kind: 'missing', sourceOffset, sentence })
    outcome.verdict = 'different'
  }

  async #isCopied(sourceEnd: number): Promise<boolean | undefined> {
    const copyPosition = await this.#parts.stored()
    if (!copyPosition) return undefined
    if (copyPosition.sourceNext >= sourceEnd) return true
    if (copyPosition.by === 'godwit' || sourceEnd - copyPosition.sourceNext > MARKERS) return false
    let isLeft = false
    await this.#parts.source.look(copyPosition.sourceNext, ({ offset }) => {
      isLeft = offset < sourceEnd
      return false
    })
    return !isLeft
  }
}

/** Where both sides begin, without regard to records that only one of them has deleted. */
function startsOf({ start, sourceStart, targetStart }: FixedRange): OffsetPair {
  return { source: Math.max(sourceStart, start.source), target: Math.max(targetStart, start.target) }
}

/** Which sides have deleted records of the range to be compared. */
function trimmedOf({ start, sourceStart, targetStart }: FixedRange): Trimmed {
  return { source: sourceStart > start.source, target: targetStart > start.target }
}
