// Compares a range of a partition record by record: reads both sides, reports differences, and continues where both are in step again.
import { counted } from '../base/counted.ts'
import { Failure } from '../base/failure.ts'
import { sleep } from '../base/retry.ts'
import { differencesIn, joinMoved, type Meeting, meet, type RecordDifference } from './compare/align.ts'
import { briefOf, type MarkedRecord, markOf } from './compare/seen.ts'
import { compareStreams } from './compare/step.ts'
import type { RecordStream } from './compare/tape.ts'
import { noteDeleted } from './expiry.ts'
import { joinedRuns, moreSevere, type PartitionOutcome } from './outcome.ts'
import type { PartitionSide } from './read/side.ts'
import { startTogether, type Trimmed } from './start-together.ts'

/** Called when both streams have been compared up to the same point. @param soFar returns the outcome up to there */
export type OnCompared = (soFar: () => PartitionOutcome) => void

interface RangeCheckParts {
  readonly source: PartitionSide
  readonly target: PartitionSide
  readonly streams: { readonly source: RecordStream; readonly target: RecordStream }
  readonly outcome: PartitionOutcome
  /** target records below this offset without a counterpart are extra */
  readonly targetEnd: number
  /** false if the target sets timestamps itself (LogAppendTime) */
  readonly withTime: boolean
  readonly showRecords: boolean
  /** how long to wait for a new record on the target (ms) */
  readonly waitMs: number
  readonly maxDifferences: number
  /** retention.ms of the source; undefined: no time limit, or not known */
  readonly retentionMs: number | undefined
  /** whether everything of this range was copied, by the stored position; undefined when no position is stored */
  readonly isCopied: () => Promise<boolean | undefined>
  readonly onCompared: OnCompared
  readonly signal: AbortSignal
}

/** Sizes of the windows in which both sides are searched for the point where they are in step again (records). */
const WINDOW_SIZES = [64, 2_000, 50_000]
/** Number of records of a window, per side, of which a description is kept. */
const MOST_DESCRIBED = 64
/** How many source records before a difference are checked for the original of a duplicate. */
const LOOK_BACK = 2_000
const MOST_LISTED = 1_000

interface Window {
  readonly seen: MarkedRecord[]
  readonly ended: boolean
  readonly next: number
}

export class RangeCheck {
  readonly #parts: RangeCheckParts
  readonly #found: RecordDifference[] = []
  #stopped = false
  #waitingSince: number | undefined
  /** the side that is being read, so that a damaged batch can be attributed to it */
  #reading: PartitionSide | undefined

  constructor(parts: RangeCheckParts) {
    this.#parts = parts
  }

  /** Compares to the end of the range; the findings are in the outcome. @throws Failure when a side cannot be read further */
  async run(): Promise<void> {
    const { streams, outcome, maxDifferences } = this.#parts
    try {
      while (!this.#stopped) {
        const { stop, records } = compareStreams(streams.source, streams.target, this.#parts.withTime)
        outcome.records += records
        if (records > 0) this.#waitingSince = undefined
        this.#parts.onCompared(() => this.#soFar())
        if (stop === 'differ') await this.#resync()
        else if (stop === 'target') await this.#fillTarget()
        else if (streams.source.ended) this.#stopped = await this.#checkLeftOver()
        else await this.#fillSource()
        if (this.#found.length >= maxDifferences) this.#stop(`after ${counted(this.#found.length, 'difference')}`)
      }
    } catch (error) {
      this.#settle()
      if (!(error instanceof Failure) || error.code !== 'CORRUPT_BATCH') throw error
      this.#damaged(error)
      return
    }
    this.#settle()
  }

  /** Writes the findings so far into the outcome. */
  #settle(): void {
    const { outcome, streams } = this.#parts
    outcome.source = { ...outcome.source, to: streams.source.next }
    outcome.target = { ...outcome.target, to: streams.target.next }
    const joined = joinedRuns(joinMoved(this.#found))
    outcome.differences.push(...joined)
    if (joined.length > 0) outcome.verdict = moreSevere(outcome.verdict, 'different')
  }

  #soFar(): PartitionOutcome {
    const { outcome } = this.#parts
    const differences = [...outcome.differences, ...joinedRuns(joinMoved(this.#found))]
    return { ...outcome, differences, verdict: differences.length > 0 ? 'different' : outcome.verdict }
  }

  #stop(why: string): void {
    const { streams, outcome } = this.#parts
    this.#stopped = true
    if (streams.source.ended) return
    outcome.notes.push(`${why}: nothing from source offset ${streams.source.next} on was compared`)
  }

  #damaged(failure: Failure): void {
    const { outcome, streams, source, target } = this.#parts
    const offset = Number(failure.circumstances.offset ?? -1)
    // If no side was being read, the damage was found when a batch was opened.
    const side = this.#reading ?? (streams.source.isSound() ? target : source)
    const at = side === source ? { sourceOffset: offset } : { targetOffset: offset }
    const sentence = `${side.topic}-${side.partition} on cluster ${side.cluster}: ${failure.message}`
    outcome.differences.push({ kind: 'damaged', ...at, sentence })
    outcome.verdict = 'different'
    outcome.notes.push(`nothing from source offset ${streams.source.next} on was compared`)
  }

  async #fillSource(): Promise<void> {
    const { source, streams, outcome } = this.#parts
    const filled = await this.#fill(source, streams.source)
    if (filled === 'moved') return
    if (filled === 'end') return this.#waitForSource()
    const start = await source.start()
    outcome.notes.push(
      `the source has meanwhile deleted offsets ${streams.source.next} to ${start - 1}: they cannot be compared any more`,
    )
    streams.source.seek(Math.min(start, streams.source.limit))
    if (!streams.source.ended) await this.#realign({ source: true, target: false })
  }

  /** The source ends before the range does: waits, then fails, because the source had more when the range was fixed. */
  async #waitForSource(): Promise<void> {
    const { streams, source, waitMs, signal } = this.#parts
    if (streams.source.fetchNext >= streams.source.limit) return
    this.#waitingSince ??= Date.now()
    if (Date.now() - this.#waitingSince >= waitMs || signal.aborted) throw logShrunk(source, streams.source)
    await sleep(50, signal)
  }

  async #fillTarget(): Promise<void> {
    const { target, streams, outcome } = this.#parts
    const filled = await this.#fill(target, streams.target)
    if (filled === 'end') return this.#waitForTarget()
    if (filled === 'moved') return
    const start = await target.start()
    const from = streams.source.next
    streams.target.seek(start)
    await this.#realign({ source: false, target: true })
    if (streams.source.next > from) await noteDeleted(this.#parts, outcome, { from, to: streams.source.next }, start)
  }

  async #fill(side: PartitionSide, stream: RecordStream): ReturnType<PartitionSide['fill']> {
    this.#reading = side
    const filled = await side.fill(stream)
    this.#reading = undefined
    return filled
  }

  async #realign(trimmed: Trimmed): Promise<void> {
    const { streams } = this.#parts
    const from = { source: streams.source.next, target: streams.target.next }
    const both = await startTogether(this.#parts, from, trimmed)
    streams.source.seek(both.source)
    streams.target.seek(both.target)
  }

  /** The target has no more records now: waits for new ones, and stops when the flow has passed the range or the time is over. */
  async #waitForTarget(): Promise<void> {
    const { streams, waitMs, isCopied, outcome, target, signal } = this.#parts
    this.#waitingSince ??= Date.now()
    if (await isCopied()) {
      // The position is stored after the target has acknowledged the records: what is not there now will not come.
      if ((await this.#fill(target, streams.target)) === 'end') await this.#reportMissing()
      return
    }
    if (Date.now() - this.#waitingSince < waitMs && !signal.aborted) return sleep(50, signal)
    const { next, limit } = streams.source
    outcome.verdict = moreSevere(outcome.verdict, 'notYet')
    outcome.late = `the target does not have source offsets ${next} to ${limit - 1} yet`
    this.#stopped = true
  }

  /** The rest of the source is missing on the target, although the flow has passed it. */
  async #reportMissing(): Promise<void> {
    const { streams, source } = this.#parts
    const { seen } = await this.#window(source, streams.source.next, MOST_LISTED, streams.source.limit)
    this.#found.push(...differencesIn({ source: seen, target: [], around: new Set(), withTime: true }))
    if (seen.length === MOST_LISTED)
      this.#parts.outcome.notes.push(
        `no further source record up to offset ${streams.source.limit - 1} is on the target`,
      )
    streams.source.seek(streams.source.limit)
  }

  /** The source has ended: reports target records below `targetEnd` that have no counterpart. */
  async #checkLeftOver(): Promise<boolean> {
    const { streams, target, targetEnd, withTime } = this.#parts
    if (streams.target.next >= targetEnd) return true
    const { seen } = await this.#window(target, streams.target.next, MOST_LISTED, targetEnd)
    if (seen.length === 0) return true
    const around = await this.#around(streams.source.next, LOOK_BACK + seen.length)
    this.#found.push(...differencesIn({ source: [], target: seen, around, withTime }))
    if (seen.length === MOST_LISTED)
      this.#parts.outcome.notes.push(`no further target record up to offset ${targetEnd - 1} is on the source`)
    streams.target.seek((seen.at(-1)?.offset ?? targetEnd) + 1)
    return true
  }

  async #resync(): Promise<void> {
    const { streams, source, target } = this.#parts
    for (const records of WINDOW_SIZES) {
      const mine = await this.#window(source, streams.source.next, records)
      const theirs = await this.#window(target, streams.target.next, records)
      const isAll = mine.ended && theirs.ended
      const meeting = meet(mine.seen, theirs.seen, isAll)
      if (meeting) return this.#continueAt(mine, theirs, meeting)
      if (isAll) break
    }
    this.#reportOutOfStep()
  }

  async #continueAt(mine: Window, theirs: Window, meeting: Meeting): Promise<void> {
    const { streams, withTime } = this.#parts
    const [source, target] = [mine.seen.slice(0, meeting.source), theirs.seen.slice(0, meeting.target)]
    const around = await this.#around(streams.source.next, LOOK_BACK + target.length)
    for (const { mark } of mine.seen) around.add(mark)
    const found = differencesIn({ source, target, around, withTime })
    const isAtEnd = meeting.source === mine.seen.length && meeting.target === theirs.seen.length
    const late = isAtEnd ? await this.#trailing(found, source) : 0
    const inRange = found.slice(0, found.length - late).filter((one) => (one.sourceOffset ?? 0) < streams.source.limit)
    this.#found.push(...inRange)
    if (found.length === 0 && source.length === 0) return this.#reportHeaderNames(mine, theirs)
    const last = source[source.length - late - 1]
    const goOn = late > 0 && last ? last.offset + 1 : (mine.seen[meeting.source]?.offset ?? mine.next)
    streams.source.seek(goOn)
    streams.target.seek(theirs.seen[meeting.target]?.offset ?? theirs.next)
  }

  /** How many missing records at the end may still be copied. */
  async #trailing(found: readonly RecordDifference[], source: readonly MarkedRecord[]): Promise<number> {
    let late = 0
    while (
      late < found.length &&
      found[found.length - late - 1]?.kind === 'missing' &&
      found[found.length - late - 1]?.sourceOffset === source[source.length - late - 1]?.offset
    )
      late++
    return late > 0 && (await this.#parts.isCopied()) ? 0 : late
  }

  /** Marks are computed from decoded text, in which different invalid UTF-8 header names may look the same. */
  #reportHeaderNames(mine: Window, theirs: Window): void {
    const { streams } = this.#parts
    const [a, b] = [mine.seen[0], theirs.seen[0]]
    if (!a || !b) return
    const briefs = { ...(a.brief && { source: a.brief }), ...(b.brief && { target: b.brief }) }
    const offsets = { sourceOffset: a.offset, targetOffset: b.offset }
    this.#found.push({ kind: 'changed', ...offsets, fields: ['header name'], mark: a.mark, ...briefs })
    streams.source.seek(a.offset + 1)
    streams.target.seek(b.offset + 1)
  }

  #reportOutOfStep(): void {
    const { streams, outcome } = this.#parts
    const [sourceOffset, targetOffset] = [streams.source.next, streams.target.next]
    const sentence = `from source offset ${sourceOffset} and target offset ${targetOffset} on the records differ, and no later offsets were found at which both logs continue with the same records`
    outcome.differences.push({ kind: 'outOfStep', sourceOffset, targetOffset, sentence })
    outcome.verdict = 'different'
    this.#stop('the two logs are out of step')
    this.#stopped = true
  }

  /** Marks of source records before this offset. */
  async #around(offset: number, records: number): Promise<Set<string>> {
    const { source, outcome } = this.#parts
    const from = Math.max(outcome.source.from, offset - records)
    const { seen } = await this.#window(source, from, records, offset)
    return new Set(seen.map(({ mark }) => mark))
  }

  async #window(side: PartitionSide, offset: number, records: number, end = Number.POSITIVE_INFINITY): Promise<Window> {
    const { withTime, showRecords } = this.#parts
    const seen: MarkedRecord[] = []
    if (offset >= end) return { seen, ended: true, next: offset }
    let isCut = false
    this.#reading = side
    const { ended, next } = await side.look(offset, (record) => {
      isCut = record.offset >= end
      if (isCut) return false
      const brief = seen.length < MOST_DESCRIBED ? { brief: briefOf(record, showRecords) } : {}
      seen.push({ offset: record.offset, mark: markOf(record, withTime), ...brief })
      return seen.length < records
    })
    this.#reading = undefined
    return { seen, ended: ended || isCut, next: ended ? next : (seen.at(-1)?.offset ?? offset) + 1 }
  }
}

/** SOURCE_TRUNCATED for a log that now ends before the end of the range. */
export function logShrunk({ cluster, topic, partition, logEnd }: PartitionSide, { limit }: RecordStream): Failure {
  const sentence = `${topic}-${partition} on cluster ${cluster} ends at ${logEnd} now, but reached to ${limit} before`
  const remedy = 'check its replicas (unclean leader election?), then verify again'
  return new Failure('SOURCE_TRUNCATED', sentence, { cluster, topic, partition, offset: BigInt(logEnd), remedy })
}
