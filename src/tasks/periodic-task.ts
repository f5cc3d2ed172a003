// A periodic task: work of a flow other than copying records, done at an interval. Runs of a task never overlap, a failure does not affect
// other tasks, and the status shows the last run, its result and the next run.
import { asFailure, type Failure, failures } from '../base/failure.ts'
import type { Logger } from '../base/logger.ts'
import { sleep } from '../base/retry.ts'
import type { PeriodicTaskName, PeriodicTaskStatus } from '../model/flow-status.ts'

export interface PeriodicTaskParts {
  readonly name: PeriodicTaskName
  /** from the start of one run to the start of the next, as MM2's scheduler counts (ms) */
  readonly intervalMs: number
  /** delay of the first run (ms); default: the interval */
  readonly firstAfterMs?: number
  /** replaces the interval after each run (ms); Infinity: no further run except by `runNow` */
  readonly nextAfterMs?: () => number
  /**
   * One run. Returns a short message about what it did; throws a Failure.
   * `isLast`: the flow is stopping, and this is the last run.
   */
  readonly perform: (signal: AbortSignal, isLast: boolean) => Promise<string>
  readonly log: Logger
}

/** Maximum delay of a timer (ms). */
const LONGEST_MS = 2 ** 31 - 1
/** Delay of the first runs, which leaves the CPU to the first records (ms). */
export const RECORDS_FIRST_MS = 1500
/** Failures that may pass, such as an unavailable broker, are retried sooner than after a whole interval. */
const verdicts: ReadonlySet<string> = new Set(['retry', 'refresh'])
const RETRY_MS = 5000
/** A failure that lasts is logged again after this long (ms). */
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
  /** time of the first of the consecutive failures, ms since the epoch */
  #failingSince = 0
  #loggedAt = 0
  #nextAt = Infinity
  #isPaused = false
  #isRunRequested = false
  #performing: Promise<void> | undefined
  #wake: (() => void) | undefined

  constructor(parts: PeriodicTaskParts) {
    this.name = parts.name
    this.#parts = parts
  }

  /** Runs at its interval until the signal is aborted, then waits for the current run. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    this.#nextAt = Date.now() + (this.#parts.firstAfterMs ?? this.#pauseMs())
    while (!signal.aborted) {
      await this.#until(this.#isPaused ? Infinity : this.#nextAt, signal)
      if (signal.aborted) break
      if (this.#isPaused) continue
      const begun = Date.now()
      this.#isRunRequested = false
      await this.once(signal)
      this.#nextAt = this.#isRunRequested ? Date.now() : Math.max(Date.now(), begun + this.#pauseMs())
    }
    this.#nextAt = Infinity
  }

  /**
   * Runs the task now unless it is paused, or waits for the current run. Never rejects: a failure is in the status.
   */
  once(signal: AbortSignal, isLast = false): Promise<void> {
    if (this.#isPaused && !this.#performing) return Promise.resolve()
    this.#performing ??= this.#perform(signal, isLast).finally(() => {
      this.#performing = undefined
    })
    return this.#performing
  }

  /** Starts the next run at once, or right after the current one. */
  runNow(): void {
    this.#isRunRequested = true
    this.#nextAt = Date.now()
    this.#wake?.()
  }

  /** No further runs until `resume`; the current run is finished. */
  pause(): void {
    this.#isPaused = true
    this.#wake?.()
  }

  /** Ends a pause and runs at once. */
  resume(): void {
    if (!this.#isPaused) return
    this.#isPaused = false
    this.runNow()
  }

  /** Whether it has run at least once, with any result. */
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
      // A run interrupted by a stop is not a failure.
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
