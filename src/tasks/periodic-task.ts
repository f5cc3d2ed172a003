// A periodic task: something beside the records that a flow does again and again. It never overlaps itself, its failure touches no other
// periodic task, and it can tell at any time when it last ran, what came of it, and when it runs next.
import { asFailure, type Failure, failures } from '../base/failure.ts'
import type { Logger } from '../base/logger.ts'
import { sleep } from '../base/retry.ts'
import type { PeriodicTaskName, PeriodicTaskStatus } from '../model/flow-status.ts'

export interface PeriodicTaskParts {
  readonly name: PeriodicTaskName
  /** from the begin of one run to the begin of the next, as MM2's scheduler counts (ms) */
  readonly intervalMs: number
  /** how long after the start the first run begins; the interval unless given (ms) */
  readonly firstAfterMs?: number
  /** how long after the begin of the last run the next one begins, where that is not always the interval; Infinity: not by itself (ms) */
  readonly nextAfterMs?: () => number
  /**
   * One run. Gives what it did, as a short sentence for the operator; throws a Failure when it could not.
   * `isLast`: the flow stops, and there will be no other.
   */
  readonly perform: (signal: AbortSignal, isLast: boolean) => Promise<string>
  readonly log: Logger
}

/** The longest time a timer can be set to (ms). */
const LONGEST_MS = 2 ** 31 - 1
/** What a periodic task waits for at the start, so that the first records need not share the processor with it (ms). */
export const RECORDS_FIRST_MS = 1500
/** Failures that may pass by themselves, such as a broker that is away, are not left for a whole interval. */
const verdicts: ReadonlySet<string> = new Set(['retry', 'refresh'])
const RETRY_MS = 5000
/** A failure that goes on is said again after so long (ms). */
const LOG_AGAIN_MS = 600_000

export class PeriodicTask {
  readonly name: PeriodicTaskName
  readonly #parts: PeriodicTaskParts
  #runs = 0
  #failures = 0
  #begunAt = 0
  #tookMs = 0
  #isRunning = false
  #message = ''
  #failure: Failure | undefined
  /** when the first failure of this row came, ms since the epoch */
  #failingSince = 0
  #loggedAt = 0
  #nextAt = Infinity
  #isPaused = false
  #isHurried = false
  #performing: Promise<void> | undefined
  #wake: (() => void) | undefined

  constructor(parts: PeriodicTaskParts) {
    this.name = parts.name
    this.#parts = parts
  }

  /** Runs at its interval until the signal is aborted; a run that is under way then is waited for. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    this.#nextAt = Date.now() + (this.#parts.firstAfterMs ?? this.#pauseMs())
    while (!signal.aborted) {
      await this.#until(this.#isPaused ? Infinity : this.#nextAt, signal)
      if (signal.aborted) break
      if (this.#isPaused) continue
      const begun = Date.now()
      this.#isHurried = false
      await this.once(signal)
      this.#nextAt = this.#isHurried ? Date.now() : Math.max(Date.now(), begun + this.#pauseMs())
    }
    this.#nextAt = Infinity
  }

  /**
   * Performs it now, unless it is paused, or waits for the run that is under way. Never rejects: what went wrong is in the
   * status.
   */
  once(signal: AbortSignal, isLast = false): Promise<void> {
    if (this.#isPaused && !this.#performing) return Promise.resolve()
    this.#performing ??= this.#perform(signal, isLast).finally(() => {
      this.#performing = undefined
    })
    return this.#performing
  }

  /** It was performed by somebody else, with success. */
  done(message: string): void {
    this.#begunAt = Date.now()
    this.#fine(message)
  }

  /** The next run begins at once, or right behind the one that is under way. */
  hurry(): void {
    this.#isHurried = true
    this.#nextAt = Date.now()
    this.#wake?.()
  }

  /** No further runs until `resume`; one that is under way is finished. */
  pause(): void {
    this.#isPaused = true
    this.#wake?.()
  }

  /** Goes on with a run at once, if it was paused. */
  resume(): void {
    if (!this.#isPaused) return
    this.#isPaused = false
    this.hurry()
  }

  /** It was performed at least once, with whatever result. */
  get hasRun(): boolean {
    return this.#runs > 0
  }

  status(): PeriodicTaskStatus {
    const failure = this.#failure
    return {
      task: this.name,
      intervalMs: this.#parts.intervalMs,
      state: this.#isRunning ? 'running' : 'waiting',
      runs: this.#runs,
      failures: this.#failures,
      lastRun: this.#begunAt,
      tookMs: this.#tookMs,
      nextRun: Number.isFinite(this.#nextAt) && !this.#isPaused ? this.#nextAt : 0,
      result: this.#runs === 0 ? 'none' : failure ? 'failed' : 'fine',
      message: this.#message,
      ...(failure && {
        ...{ code: failure.code, failingSince: this.#failingSince },
        ...(failure.remedy !== undefined && { remedy: failure.remedy }),
      }),
    }
  }

  #pauseMs(): number {
    const pause = this.#parts.nextAfterMs?.() ?? this.#parts.intervalMs
    const mayPass = this.#failure && verdicts.has(failures[this.#failure.code].verdict)
    return mayPass ? Math.min(pause, RETRY_MS) : pause
  }

  async #until(at: number, signal: AbortSignal): Promise<void> {
    const woken = new AbortController()
    const wake = () => woken.abort()
    this.#wake = wake
    signal.addEventListener('abort', wake, { once: true })
    await sleep(Math.min(LONGEST_MS, Math.max(0, at - Date.now())), woken.signal)
    signal.removeEventListener('abort', wake)
    this.#wake = undefined
  }

  async #perform(signal: AbortSignal, isLast: boolean): Promise<void> {
    const begun = performance.now()
    this.#begunAt = Date.now()
    this.#isRunning = true
    try {
      this.#fine(await this.#parts.perform(signal, isLast))
    } catch (error) {
      // What a stop cut short is no failure of the periodic task.
      if (!signal.aborted) this.#failed(error)
    }
    this.#isRunning = false
    this.#tookMs = Math.round(performance.now() - begun)
  }

  #fine(message: string): void {
    this.#runs++
    const { name, log } = this.#parts
    if (this.#failure) log.info('a periodic task works again', { task: name, result: message })
    else log.debug('a periodic task succeeded', { task: name, result: message })
    this.#failure = undefined
    this.#message = message
  }

  #failed(error: unknown): void {
    this.#runs++
    this.#failures++
    const failure = asFailure(error)
    if (!this.#failure) this.#failingSince = Date.now()
    const isNews = this.#failure?.message !== failure.message || Date.now() - this.#loggedAt > LOG_AGAIN_MS
    this.#failure = failure
    this.#message = failure.message
    if (!isNews) return
    this.#loggedAt = Date.now()
    const { name: task, log } = this.#parts
    const { code, message: reason, remedy } = failure
    log.warn('a periodic task failed; godwit retries it', { task, code, reason, remedy })
  }
}
