// Runs the flows of one process: starts them, isolates failures of one flow from the others, drains them.
import { asFailure, Failure, failures, sentenceOf } from '../base/failure.ts'
import type { Logger } from '../base/logger.ts'
import { sleep } from '../base/retry.ts'
import type { FlowStatus } from '../model/flow-status.ts'
import { type Arrival, arrivalOf } from './arrival.ts'
import { type Health, liveness, readiness } from './health.ts'
import { ProgressLog, progressEveryMs } from './progress.ts'
import type { ConnectorControl, RunningFlow } from './running-flow.ts'

/** Time for flows to finish accepted records (ms). Kubernetes kills a process after 30 s. */
export const drainDeadlineMs = 25_000
/** Additional time to close connections (ms). */
const closeMs = 3_000
const pollMs = 250
/** Longest wait for a listing that must be new (ms). */
const patienceMs = 4_000
/** Longest wait if an older listing is acceptable (ms): probes and scrapes often time out after a second. */
const shortPatienceMs = 500
const ignore = () => undefined

/** Exit codes of `--until in-sync`: stopped before that, or there is nothing to copy. */
interface RunCodes {
  readonly notYet: number
  readonly nothing: number
}

interface Member {
  readonly flow: RunningFlow
  failure?: Failure
}

/** The flows of one process. */
export class Worker {
  readonly startedAt: number
  readonly #members: readonly Member[]
  readonly #log: Logger
  readonly #allFailed: Promise<'failed'>

  /** @param flows not started yet */
  constructor(flows: readonly RunningFlow[], log: Logger) {
    this.startedAt = Date.now()
    this.#log = log
    this.#members = flows.map((flow) => ({ flow }))
    const ends = this.#members.map((member) => this.#follow(member))
    this.#allFailed = new Promise((resolve) => {
      void Promise.all(ends).then(() => {
        if (this.#failures().length === this.#members.length) resolve('failed')
      })
    })
  }

  start(): void {
    for (const { flow } of this.#members) flow.start()
  }

  /**
   * The current status of every flow.
   * @param since ms since the epoch: values based on an earlier listing of the source are unknown
   */
  status(since = 0): FlowStatus[] {
    return this.#members.map(({ flow }) => flow.status(since))
  }

  /**
   * Requests new listings of sources that were listed more than `ageMs` ago, and waits for them: at most 4 s if `ageMs` is 0
   * (only a listing that starts after this call is acceptable), else at most 0.5 s.
   */
  async check(ageMs: number): Promise<void> {
    const now = Date.now()
    const due = this.#members.filter(({ flow }) => now - flow.asOf >= ageMs)
    const over = new AbortController()
    const patience = ageMs > 0 ? shortPatienceMs : patienceMs
    await Promise.race([Promise.all(due.map(({ flow }) => flow.check())), sleep(patience, over.signal)])
    over.abort()
  }

  /** The control of the flow with that name (`A->B`); undefined if there is none. */
  control(name: string): ConnectorControl | undefined {
    return this.#members.find(({ flow }) => flow.status().flow === name)?.flow
  }

  live(): Health {
    return liveness(this.status())
  }

  ready(): Health {
    return readiness(this.status())
  }

  /**
   * Runs until the signal is aborted, all flows failed permanently or, with `in-sync`, all records of the sources are copied.
   * Then drains. Gives the exit code: 0, that of the first failure that prevented copying, or one of `codes` if `in-sync` was
   * not reached or the flows select no topic.
   */
  async run(
    until: 'stopped' | 'in-sync',
    signal: AbortSignal,
    codes: RunCodes = { notYet: 2, nothing: 4 },
  ): Promise<number> {
    const over = new AbortController()
    const stopped = new Promise<'stopped'>((resolve) => {
      if (signal.aborted) resolve('stopped')
      signal.addEventListener('abort', () => resolve('stopped'), { once: true })
    })
    const arrived = until === 'in-sync' ? this.#arrived(over.signal) : new Promise<never>(() => {})
    const progress = new ProgressLog(this.#log)
    const timer = setInterval(() => progress.report(this.status(), Date.now()), progressEveryMs)
    progress.report(this.status(), Date.now())
    const ending = await Promise.race([stopped, arrived, this.#allFailed])
    clearInterval(timer)
    over.abort()
    const code = this.#exitCode(until, ending, codes)
    const drained = await this.drain(drainDeadlineMs)
    return code === 0 && !drained ? failures.REQUEST_TIMED_OUT.exit : code
  }

  /** Finishes accepted records, commits positions and closes. Gives false when a flow could not within `deadlineMs`. */
  async drain(deadlineMs: number): Promise<boolean> {
    const results = await Promise.all(this.#members.map((member) => this.#drainOne(member, deadlineMs)))
    return results.every(Boolean)
  }

  async #drainOne({ flow, failure }: Member, deadlineMs: number): Promise<boolean> {
    const over = new AbortController()
    // Even if something hangs, the process must end before its supervisor kills it.
    const late = sleep(deadlineMs + closeMs, over.signal).then(() => 'it took too long')
    const drained = (failure ? Promise.resolve() : flow.drain(deadlineMs)).then(
      () => flow.close().then(ignore, ignore),
      (error: unknown) =>
        flow
          .close()
          .then(ignore, ignore)
          .then(() => sentenceOf(error)),
    )
    const reason = await Promise.race([drained, late])
    over.abort()
    if (reason === undefined) return true
    this.#log.error('flow could not be drained; the next start continues from the last committed positions', {
      flow: flow.status().flow,
      reason,
    })
    return false
  }

  async #follow(member: Member): Promise<void> {
    try {
      await member.flow.ended
    } catch (error) {
      member.failure = asFailure(error)
      // The flow has logged the reason itself. A bug report needs the stack.
      if (member.failure.code === 'INTERNAL') this.#log.error('this is a bug in godwit; please report it', trace(error))
    }
  }

  /** Waits until no flow is pending, confirmed by one more listing of every source. */
  async #arrived(signal: AbortSignal): Promise<readonly Arrival[]> {
    for (;;) {
      const last = this.#arrivals(0)
      if (signal.aborted) return last
      if (last.every((arrival) => arrival !== 'pending')) {
        const asked = Date.now()
        await this.check(0)
        const arrivals = this.#arrivals(asked)
        if (arrivals.every((arrival) => arrival !== 'pending')) return arrivals
      }
      await sleep(pollMs, signal)
    }
  }

  #arrivals(since: number): Arrival[] {
    return this.#members.map(({ flow, failure }) => (failure ? 'stuck' : arrivalOf(flow.status(since))))
  }

  #failures(): Failure[] {
    return this.#members.flatMap(({ failure }) => failure ?? [])
  }

  #exitCode(until: 'stopped' | 'in-sync', ending: 'stopped' | 'failed' | readonly Arrival[], codes: RunCodes): number {
    if (ending === 'stopped') return until === 'in-sync' ? codes.notYet : 0
    const [first] = this.#failures()
    if (first) return failures[first.code].exit
    if (ending === 'failed') return failures.INTERNAL.exit
    if (ending.includes('stuck')) return this.#exitOfProblem()
    return ending.includes('in-sync') && !this.#selectsNothing(ending) ? 0 : codes.nothing
  }

  /** Whether an enabled flow selects no topic, usually because of a typo. */
  #selectsNothing(arrivals: readonly Arrival[]): boolean {
    const flows = this.status()
    return arrivals.some((arrival, at) => arrival === 'nothing' && !flows[at]?.heartbeatsOnly)
  }

  #exitOfProblem(): number {
    const problem = this.status().flatMap((flow) => (flow.inSync ? [] : flow.problems))[0]
    return problem && problem.code in failures
      ? failures[problem.code as keyof typeof failures].exit
      : failures.INTERNAL.exit
  }
}

function trace(error: unknown): { stack?: string } {
  const cause = error instanceof Failure ? error.circumstances.cause : error
  return cause instanceof Error && cause.stack !== undefined ? { stack: cause.stack } : {}
}
