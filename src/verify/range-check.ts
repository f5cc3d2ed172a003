// Compares one stretch of a partition record by record: reads both sides on, says what differs, and goes on where they meet again.
import { counted } from '../base/counted.ts'
import { Failure } from '../base/failure.ts'
import { sleep } from '../base/retry.ts'
import { differencesIn, joinMoved, type Meeting, meet, type RecordDifference } from './compare/align.ts'
import { briefOf, markOf, type Seen } from './compare/seen.ts'
import { compareTapes } from './compare/step.ts'
import type { Tape } from './compare/tape.ts'
import { noteDeleted } from './expiry.ts'
import { graver, joinedRuns, type PartitionOutcome } from './outcome.ts'
import type { Side } from './read/side.ts'
import { startTogether, type Trimmed } from './start-together.ts'

/** Called where everything so far was compared, with what gives the outcome so far. */
export type AtRest = (soFar: () => PartitionOutcome) => void

interface RangeCheckParts {
  readonly source: Side
  readonly target: Side
  readonly tapes: { readonly source: Tape; readonly target: Tape }
  readonly outcome: PartitionOutcome
  /** target offset below which nothing may be left over when the source has ended */
  readonly targetEnd: number
  /** false where the target stamps records itself */
  readonly withTime: boolean
  readonly showRecords: boolean
  /** how long the target may be without a new record (ms) */
  readonly waitMs: number
  readonly maxDifferences: number
  /** how long the source keeps records, ms; undefined: for ever, by size, or not known */
  readonly retentionMs: number | undefined
  /** whether what is stored for the flow says that everything of this range was copied; undefined when nothing is stored */
  readonly isCopied: () => Promise<boolean | undefined>
  readonly atRest: AtRest
  readonly signal: AbortSignal
}

/** How many records are looked at to find where both meet again, more each time. */
const LOOKS = [64, 2_000, 50_000]
/** Of so many of them a description is kept, on each side. */
const DESCRIBED = 64
/** So many records before a difference may be what was doubled. */
const BEFORE = 2_000
const LISTED_EXTRAS = 1_000

interface Window {
  readonly seen: Seen[]
  readonly ended: boolean
  readonly next: number
}

export class RangeCheck {
  readonly #parts: RangeCheckParts
  readonly #found: RecordDifference[] = []
  #stopped = false
  #waitingSince: number | undefined
  /** the side that is being read, so that damage can be laid to it */
  #reading: Side | undefined

  constructor(parts: RangeCheckParts) {
    this.#parts = parts
  }

  /** Compares to the end of the range; what it found is in the outcome. @throws Failure when a side cannot be read on */
  async run(): Promise<void> {
    const { tapes, outcome, maxDifferences } = this.#parts
    try {
      while (!this.#stopped) {
        const { stop, records } = compareTapes(tapes.source, tapes.target, this.#parts.withTime)
        outcome.records += records
        if (records > 0) this.#waitingSince = undefined
        this.#parts.atRest(() => this.#soFar())
        if (stop === 'differ') await this.#resync()
        else if (stop === 'target') await this.#fillTarget()
        else if (tapes.source.ended) this.#stopped = await this.#leftOver()
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

  /** What the comparison has come to so far, for the outcome. */
  #settle(): void {
    const { outcome, tapes } = this.#parts
    outcome.source = { ...outcome.source, to: tapes.source.next }
    outcome.target = { ...outcome.target, to: tapes.target.next }
    const joined = joinedRuns(joinMoved(this.#found))
    outcome.differences.push(...joined)
    if (joined.length > 0) outcome.verdict = graver(outcome.verdict, 'different')
  }

  #soFar(): PartitionOutcome {
    const { outcome } = this.#parts
    const differences = [...outcome.differences, ...joinedRuns(joinMoved(this.#found))]
    return { ...outcome, differences, verdict: differences.length > 0 ? 'different' : outcome.verdict }
  }

  #stop(why: string): void {
    const { tapes, outcome } = this.#parts
    this.#stopped = true
    if (tapes.source.ended) return
    outcome.notes.push(`${why}: nothing from source offset ${tapes.source.next} on was compared`)
  }

  #damaged(failure: Failure): void {
    const { outcome, tapes, source, target } = this.#parts
    const offset = Number(failure.circumstances.offset ?? -1)
    // Not while reading: then it came up when a batch was opened.
    const side = this.#reading ?? (tapes.source.isSound() ? target : source)
    const place = side === source ? { sourceOffset: offset } : { targetOffset: offset }
    const sentence = `${side.topic}-${side.partition} on cluster ${side.cluster}: ${failure.message}`
    outcome.differences.push({ kind: 'damaged', ...place, sentence })
    outcome.verdict = 'different'
    outcome.notes.push(`nothing from source offset ${tapes.source.next} on was compared`)
  }

  async #fillSource(): Promise<void> {
    const { source, tapes, outcome } = this.#parts
    const filled = await this.#fill(source, tapes.source)
    if (filled === 'moved') return
    if (filled === 'end') return this.#mustNotEnd()
    const start = await source.start()
    outcome.notes.push(
      `the source has meanwhile deleted offsets ${tapes.source.next} to ${start - 1}: they cannot be compared any more`,
    )
    tapes.source.seek(Math.min(start, tapes.source.limit))
    if (!tapes.source.ended) await this.#togetherAgain({ source: true, target: false })
  }

  /** The source had more when the range was fixed. */
  async #mustNotEnd(): Promise<void> {
    const { tapes, source, waitMs, signal } = this.#parts
    if (tapes.source.fetchNext >= tapes.source.limit) return
    this.#waitingSince ??= Date.now()
    if (Date.now() - this.#waitingSince >= waitMs || signal.aborted) throw shrunk(source, tapes.source)
    await sleep(50, signal)
  }

  async #fillTarget(): Promise<void> {
    const { target, tapes, outcome } = this.#parts
    const filled = await this.#fill(target, tapes.target)
    if (filled === 'end') return this.#wait()
    if (filled === 'moved') return
    const start = await target.start()
    const from = tapes.source.next
    tapes.target.seek(start)
    await this.#togetherAgain({ source: false, target: true })
    if (tapes.source.next > from) await noteDeleted(this.#parts, outcome, { from, to: tapes.source.next }, start)
  }

  async #fill(side: Side, tape: Tape): ReturnType<Side['fill']> {
    this.#reading = side
    const filled = await side.fill(tape)
    this.#reading = undefined
    return filled
  }

  async #togetherAgain(trimmed: Trimmed): Promise<void> {
    const { tapes } = this.#parts
    const from = { source: tapes.source.next, target: tapes.target.next }
    const both = await startTogether(this.#parts, from, trimmed)
    tapes.source.seek(both.source)
    tapes.target.seek(both.target)
  }

  /** The target has nothing more at present. */
  async #wait(): Promise<void> {
    const { tapes, waitMs, isCopied, outcome, target, signal } = this.#parts
    this.#waitingSince ??= Date.now()
    if (await isCopied()) {
      // It was written down after the target had it: what is not there now never comes.
      if ((await this.#fill(target, tapes.target)) === 'end') await this.#neverCame()
      return
    }
    if (Date.now() - this.#waitingSince < waitMs && !signal.aborted) return sleep(50, signal)
    const { next, limit } = tapes.source
    outcome.verdict = graver(outcome.verdict, 'notYet')
    outcome.late = `the target does not have source offsets ${next} to ${limit - 1} yet`
    this.#stopped = true
  }

  /** What is left on the source is missing, though the flow has passed it. */
  async #neverCame(): Promise<void> {
    const { tapes, source } = this.#parts
    const { seen } = await this.#window(source, tapes.source.next, LISTED_EXTRAS, tapes.source.limit)
    this.#found.push(...differencesIn({ source: seen, target: [], around: new Set(), withTime: true }))
    if (seen.length === LISTED_EXTRAS)
      this.#parts.outcome.notes.push(`no further source record up to offset ${tapes.source.limit - 1} is on the target`)
    tapes.source.seek(tapes.source.limit)
  }

  /** The source has ended: records of the target that were there at the beginning and have no counterpart. */
  async #leftOver(): Promise<boolean> {
    const { tapes, target, targetEnd, withTime } = this.#parts
    if (tapes.target.next >= targetEnd) return true
    const { seen } = await this.#window(target, tapes.target.next, LISTED_EXTRAS, targetEnd)
    if (seen.length === 0) return true
    const around = await this.#around(tapes.source.next, BEFORE + seen.length)
    this.#found.push(...differencesIn({ source: [], target: seen, around, withTime }))
    if (seen.length === LISTED_EXTRAS)
      this.#parts.outcome.notes.push(`no further target record up to offset ${targetEnd - 1} is on the source`)
    tapes.target.seek((seen.at(-1)?.offset ?? targetEnd) + 1)
    return true
  }

  async #resync(): Promise<void> {
    const { tapes, source, target } = this.#parts
    for (const records of LOOKS) {
      const mine = await this.#window(source, tapes.source.next, records)
      const theirs = await this.#window(target, tapes.target.next, records)
      const isAll = mine.ended && theirs.ended
      const meeting = meet(mine.seen, theirs.seen, isAll)
      if (meeting) return this.#goOn(mine, theirs, meeting)
      if (isAll) break
    }
    this.#outOfStep()
  }

  async #goOn(mine: Window, theirs: Window, meeting: Meeting): Promise<void> {
    const { tapes, withTime } = this.#parts
    const [source, target] = [mine.seen.slice(0, meeting.source), theirs.seen.slice(0, meeting.target)]
    const around = await this.#around(tapes.source.next, BEFORE + target.length)
    for (const { mark } of mine.seen) around.add(mark)
    const found = differencesIn({ source, target, around, withTime })
    const isAtEnd = meeting.source === mine.seen.length && meeting.target === theirs.seen.length
    const late = isAtEnd ? await this.#trailing(found, source) : 0
    const inRange = found.slice(0, found.length - late).filter((one) => (one.sourceOffset ?? 0) < tapes.source.limit)
    this.#found.push(...inRange)
    if (found.length === 0 && source.length === 0) return this.#sameButForBytes(mine, theirs)
    const last = source[source.length - late - 1]
    const goOn = late > 0 && last ? last.offset + 1 : (mine.seen[meeting.source]?.offset ?? mine.next)
    tapes.source.seek(goOn)
    tapes.target.seek(theirs.seen[meeting.target]?.offset ?? theirs.next)
  }

  /** How many missing records at the very end may still be on their way. */
  async #trailing(found: readonly RecordDifference[], source: readonly Seen[]): Promise<number> {
    let late = 0
    while (
      late < found.length &&
      found[found.length - late - 1]?.kind === 'missing' &&
      found[found.length - late - 1]?.sourceOffset === source[source.length - late - 1]?.offset
    )
      late++
    return late > 0 && (await this.#parts.isCopied()) ? 0 : late
  }

  /** Marks are made of text, where headers with names that are none may look alike. */
  #sameButForBytes(mine: Window, theirs: Window): void {
    const { tapes } = this.#parts
    const [a, b] = [mine.seen[0], theirs.seen[0]]
    if (!a || !b) return
    const briefs = { ...(a.brief && { source: a.brief }), ...(b.brief && { target: b.brief }) }
    const place = { sourceOffset: a.offset, targetOffset: b.offset }
    this.#found.push({ kind: 'changed', ...place, fields: ['header name'], mark: a.mark, ...briefs })
    tapes.source.seek(a.offset + 1)
    tapes.target.seek(b.offset + 1)
  }

  #outOfStep(): void {
    const { tapes, outcome } = this.#parts
    const [sourceOffset, targetOffset] = [tapes.source.next, tapes.target.next]
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

  async #window(side: Side, offset: number, records: number, end = Number.POSITIVE_INFINITY): Promise<Window> {
    const { withTime, showRecords } = this.#parts
    const seen: Seen[] = []
    if (offset >= end) return { seen, ended: true, next: offset }
    let isCut = false
    this.#reading = side
    const { ended, next } = await side.look(offset, (record) => {
      isCut = record.offset >= end
      if (isCut) return false
      const brief = seen.length < DESCRIBED ? { brief: briefOf(record, showRecords) } : {}
      seen.push({ offset: record.offset, mark: markOf(record, withTime), ...brief })
      return seen.length < records
    })
    this.#reading = undefined
    return { seen, ended: ended || isCut, next: ended ? next : (seen.at(-1)?.offset ?? offset) + 1 }
  }
}

/** A log that ends before what it held when the range was fixed. */
export function shrunk({ cluster, topic, partition, logEnd }: Side, { limit }: Tape): Failure {
  const sentence = `${topic}-${partition} on cluster ${cluster} ends at ${logEnd} now, but reached to ${limit} before`
  const remedy = 'check its replicas (unclean leader election?), then verify again'
  return new Failure('SOURCE_TRUNCATED', sentence, { cluster, topic, partition, offset: BigInt(logEnd), remedy })
}
