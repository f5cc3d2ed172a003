// Runs the flows of one process side by side: starts them, keeps one's end from touching another, drains them all.
import { Failure, failures, sentenceOf } from '../base/failure.ts'
import type { Logger } from '../base/logger.ts'
import { sleep } from '../base/retry.ts'
import type { FlowStatus } from '../mirror/flow-status.ts'
import { type Arrival, ArrivalWatch } from './arrival.ts'
import { type Health, liveness, readiness } from './health.ts'
import { Progress, progressEveryMs } from './progress.ts'
import type { ConnectorControl, RunningFlow } from './running-flow.ts'

/** How long flows may take to finish what they accepted: Kubernetes gives a process 30 s. */
export const drainDeadlineMs = 25_000
/** on top of it, for connections to be closed */
const closeMs = 3_000
const lookEveryMs = 250
const noTrouble = () => undefined

interface Member {
  readonly flow: RunningFlow
  readonly watch: ArrivalWatch
  failure?: Failure
}

export class Worker {
  readonly startedAt: number
  readonly #members: readonly Member[]
  readonly #log: Logger
  readonly #allFailed: Promise<void>

  /** Takes flows that were not started yet. */
  constructor(flows: readonly RunningFlow[], log: Logger) {
    this.startedAt = Date.now()
    this.#log = log
    this.#members = flows.map((flow) => ({ flow, watch: new ArrivalWatch() }))
    const ends = this.#members.map((member) => this.#follow(member))
    this.#allFailed = new Promise((resolve) => {
      void Promise.all(ends).then(() => {
        if (this.#failures().length === this.#members.length) resolve()
      })
    })
  }

  start(): void {
    for (const { flow } of this.#members) flow.start()
  }

  /** What every flow says about itself now. */
  status(): FlowStatus[] {
    return this.#members.map(({ flow }) => flow.status())
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
   * Runs until the signal is aborted, until all flows failed for good, or - when asked for - until everything that was
   * there has arrived; then drains. Gives the exit code: 0, or that of the first failure that kept records from arriving.
   */
  async run(until: 'stopped' | 'in-sync', signal: AbortSignal): Promise<number> {
    const over = new AbortController()
    const stopped = new Promise<void>((resolve) => {
      if (signal.aborted) resolve()
      signal.addEventListener('abort', () => resolve(), { once: true })
    })
    const arrived = until === 'in-sync' ? this.#arrived(over.signal) : new Promise<never>(() => {})
    const progress = new Progress(this.#log)
    const timer = setInterval(() => progress.tell(this.status(), Date.now()), progressEveryMs)
    progress.tell(this.status(), Date.now())
    await Promise.race([stopped, arrived, this.#allFailed])
    clearInterval(timer)
    over.abort()
    const code = signal.aborted ? 0 : this.#exitCode()
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
    // A flow that fails is asked about through `ended`; its inSync may then reject too, and nobody waits for it here.
    member.flow.inSync.catch(() => {})
    try {
      await member.flow.ended
    } catch (error) {
      member.failure = asFailure(error)
      // Why it ended the flow has said itself. A mistake of ours is worth its stack: nobody can report it without.
      if (member.failure.code === 'INTERNAL')
        this.#log.error('this is a mistake in godwit; please report it', trace(error))
    }
  }

  async #arrived(signal: AbortSignal): Promise<void> {
    for (;;) {
      const states = this.#members.map((member): Arrival => this.#look(member))
      if (signal.aborted || states.every((state) => state !== 'pending')) return
      await sleep(lookEveryMs, signal)
    }
  }

  #look({ flow, watch, failure }: Member): Arrival {
    return failure ? 'stuck' : watch.look(flow.status())
  }

  #failures(): Failure[] {
    return this.#members.flatMap(({ failure }) => failure ?? [])
  }

  #exitCode(): number {
    const [first] = this.#failures()
    if (first) return failures[first.code].exit
    const problem = this.status().flatMap((flow) => (flow.inSync ? [] : flow.problems))[0]
    if (!problem) return 0
    return problem.code in failures ? failures[problem.code as keyof typeof failures].exit : failures.INTERNAL.exit
  }
}

function asFailure(error: unknown): Failure {
  return error instanceof Failure ? error : new Failure('INTERNAL', sentenceOf(error), { cause: error })
}

function trace(error: unknown): { stack?: string } {
  const cause = error instanceof Failure ? error.circumstances.cause : error
  return cause instanceof Error && cause.stack !== undefined ? { stack: cause.stack } : {}
}
