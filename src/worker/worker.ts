// Runs the flows of one process side by side: starts them, keeps one's end from touching another, drains them all.
import { asFailure, Failure, failures, sentenceOf } from '../base/failure.ts'
import type { Logger } from '../base/logger.ts'
import { sleep } from '../base/retry.ts'
import type { FlowStatus } from '../model/flow-status.ts'
import { type Arrival, arrivalOf } from './arrival.ts'
import { type Health, liveness, readiness } from './health.ts'
import { Progress, progressEveryMs } from './progress.ts'
import type { ConnectorControl, RunningFlow } from './running-flow.ts'

/** How long flows may take to finish what they accepted: Kubernetes gives a process 30 s. */
export const drainDeadlineMs = 25_000
/** on top of it, for connections to be closed */
const closeMs = 3_000
const lookEveryMs = 250
/** How long a question may wait for a cluster to answer where nothing older will do (ms). */
const patienceMs = 4_000
/** The same where it will: a scrape and a probe have a second, often, and an answer that says what is unknown is better than none. */
const shortPatienceMs = 500
const noTrouble = () => undefined

/** Exit codes of a run that was to end in sync: it was stopped before, or there is nothing to copy. */
interface RunCodes {
  readonly notYet: number
  readonly nothing: number
}

interface Member {
  readonly flow: RunningFlow
  failure?: Failure
}

export class Worker {
  readonly startedAt: number
  readonly #members: readonly Member[]
  readonly #log: Logger
  readonly #allFailed: Promise<'failed'>

  /** Takes flows that were not started yet. */
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
   * What every flow says about itself now.
   * @param since ms since the epoch: figures that rest on an earlier listing of the source are given as unknown
   */
  status(since = 0): FlowStatus[] {
    return this.#members.map(({ flow }) => flow.status(since))
  }

  /**
   * Sees to it that the status rests on a listing of the source that is not older than this, or was at least asked for: a cluster that
   * does not answer is waited for only for a while, and shortly where something older will do. @param ageMs 0: begun after this call
   */
  async check(ageMs: number): Promise<void> {
    const now = Date.now()
    const due = this.#members.filter(({ flow }) => now - flow.asOf >= ageMs)
    const over = new AbortController()
    const patience = ageMs > 0 ? shortPatienceMs : patienceMs
    await Promise.race([Promise.all(due.map(({ flow }) => flow.check())), sleep(patience, over.signal)])
    over.abort()
  }

  /** The flow of that name (`A->B`), to be paused and resumed; undefined where there is none. */
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
   * Runs until the signal is aborted, until all flows failed for good, or - when asked for - until everything that is on the
   * sources has arrived; then drains. Gives the exit code: 0, that of the first failure that kept records from arriving, or what
   * `codes` says for an end before everything had arrived, and for flows that select nothing.
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
    const progress = new Progress(this.#log)
    const timer = setInterval(() => progress.tell(this.status(), Date.now()), progressEveryMs)
    progress.tell(this.status(), Date.now())
    const ending = await Promise.race([stopped, arrived, this.#allFailed])
    clearInterval(timer)
    over.abort()
    const code = this.#exitCode(until, ending, codes)
    const drained = await this.drain(drainDeadlineMs)
    return code === 0 && !drained ? failures.REQUEST_TIMED_OUT.exit : code
  }

  /** Finishes what was accepted, commits, closes. Gives false when a flow could not within the deadline. */
  async drain(deadlineMs: number): Promise<boolean> {
    const results = await Promise.all(this.#members.map((member) => this.#drainOne(member, deadlineMs)))
    return results.every(Boolean)
  }

  async #drainOne({ flow, failure }: Member, deadlineMs: number): Promise<boolean> {
    const over = new AbortController()
    // Whatever hangs, the process must end before its supervisor loses patience.
    const late = sleep(deadlineMs + closeMs, over.signal).then(() => 'it took too long')
    const drained = (failure ? Promise.resolve() : flow.drain(deadlineMs)).then(
      () => flow.close().then(noTrouble, noTrouble),
      (error: unknown) =>
        flow
          .close()
          .then(noTrouble, noTrouble)
          .then(() => sentenceOf(error)),
    )
    const trouble = await Promise.race([drained, late])
    over.abort()
    if (trouble === undefined) return true
    this.#log.error('flow could not be drained; the next start goes on from the positions committed last', {
      flow: flow.status().flow,
      reason: trouble,
    })
    return false
  }

  async #follow(member: Member): Promise<void> {
    try {
      await member.flow.ended
    } catch (error) {
      member.failure = asFailure(error)
      // Why it ended the flow has said itself. A mistake of ours is worth its stack: nobody can report it without.
      if (member.failure.code === 'INTERNAL')
        this.#log.error('this is a bug in godwit; please report it', trace(error))
    }
  }

  /** Before it says yes, the topics of every source and their ends are listed once more. */
  async #arrived(signal: AbortSignal): Promise<readonly Arrival[]> {
    for (;;) {
      const rested = this.#arrivals(0)
      if (signal.aborted) return rested
      if (rested.every((arrival) => arrival !== 'pending')) {
        const asked = Date.now()
        await this.check(0)
        const arrivals = this.#arrivals(asked)
        if (arrivals.every((arrival) => arrival !== 'pending')) return arrivals
      }
      await sleep(lookEveryMs, signal)
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

  /** A flow that copies, but selects no topic: a typo, most often. */
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
