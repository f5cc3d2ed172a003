// Polls every output of a running godwit and collects its claims that everything has been copied. Java checks each claim. A claim
// counts as too early only if that is certain: a record it must cover was on the source before, and is not on the target
// afterwards.
import assert from 'node:assert/strict'
import { eventually, letPass } from '../eventually.ts'
import {
  type Claim,
  freshMs,
  lagFileOutput,
  lagOutput,
  logOutput,
  metricsOutput,
  type Output,
  type Running,
  readiness,
  statusCommandOutput,
  statusOutput,
  verifyOutput,
} from './outputs.ts'
import type { FlowTruth, Verdict } from './truth.ts'

/** pause between two rounds over the outputs of a running process, and between two commands (ms) */
const HTTP_PAUSE_MS = 50
const COMMAND_PAUSE_MS = 250
/** After a cluster has stopped answering, an output must stop claiming completeness within this time (ms). */
export const unknownWithinMs = 10_000

export interface Violation {
  readonly output: string
  readonly said: string
  readonly why: string
  readonly verdict?: Verdict
}

export interface ClaimWatchParts {
  readonly truth: FlowTruth
  /** of the HTTP server; it stays the same after a restart */
  readonly address: string
  /** the configuration file, for commands that work without a running godwit */
  readonly file: string
  /** the log of the current godwit process */
  readonly log?: () => readonly Readonly<Record<string, unknown>>[]
  /** false: poll over HTTP only, start no commands */
  readonly commands?: boolean
}

type Side = 'source' | 'target'

/** Polls the outputs of one flow and keeps every false claim. */
export class ClaimWatch implements AsyncDisposable {
  readonly violations: Violation[] = []
  readonly #parts: ClaimWatchParts
  readonly #over = new AbortController()
  /** per output: when the question of its last claim was sent, and the number of its claims */
  readonly #claimCounts = new Map<string, { last: number; count: number }>()
  readonly #down = new Map<Side, number>()
  /** per loop: the number of rounds started, and the last round that ended */
  readonly #rounds: { begun: number; ended: number }[] = []
  #since = Date.now()
  #disturbed = 0
  #loops: Promise<unknown> = Promise.resolve()

  /** Starts polling. Call `restarted` after each start of godwit. */
  constructor(parts: ClaimWatchParts) {
    this.#parts = parts
    const running: Running = { address: parts.address, since: () => this.#since }
    const { file, log } = parts
    const served = [
      statusOutput(running),
      metricsOutput(running),
      ...(log ? [logOutput(running, log)] : []),
      () => this.#lookReady(),
    ]
    const loops = [this.#loop(served, HTTP_PAUSE_MS)]
    if (parts.commands !== false) {
      // Two commands at a time: godwit status spends most of its time waiting.
      loops.push(this.#loop([lagOutput(running), lagFileOutput(file)], COMMAND_PAUSE_MS))
      const depths = [verifyOutput(file, 'counts'), verifyOutput(file, 'offsets')]
      loops.push(this.#loop([statusCommandOutput(running), inTurn(depths)], COMMAND_PAUSE_MS))
    }
    this.#loops = Promise.all(loops)
  }

  /** Call this when a godwit process has started: from now on its claims can only rest on what this process has read. */
  restarted(): void {
    this.#since = Date.now()
  }

  /** Call this when a cluster has stopped answering: `unknownWithinMs` later no claim is allowed. */
  down(side: Side): void {
    this.#down.set(side, Date.now())
  }

  /** Runs an action that removes records from the target. Claims made before it are not judged by what is left. */
  async disturb<T>(action: () => Promise<T>): Promise<T> {
    this.#disturbed = Infinity
    try {
      return await action()
    } finally {
      this.#disturbed = Date.now()
    }
  }

  up(side: Side): void {
    this.#down.delete(side)
  }

  /** The number of claims of each output. */
  get claimCounts(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#claimCounts].map(([output, { count }]) => [output, count]))
  }

  /**
   * Waits until each of these outputs has claimed completeness in answer to a question sent after this call.
   * @throws AssertionError that lists the outputs without a claim
   */
  async untilClaimed(outputs: readonly string[], withinMs = 60_000): Promise<void> {
    const from = Date.now()
    await eventually(
      () => {
        const silent = outputs.filter((output) => (this.#claimCounts.get(output)?.last ?? 0) < from)
        if (silent.length > 0) this.assertNoFalseClaim()
        return silent
      },
      (silent) => silent.length === 0,
      withinMs,
      async (silent) => `no claim from ${silent.join(', ')}\n${await this.#status()}`,
    )
  }

  /**
   * Waits until every output has answered a question sent after this call, and checks that no claim was false.
   * @throws AssertionError if not all answer within `withinMs` milliseconds, or if a claim was false
   */
  async round(withinMs = 60_000): Promise<void> {
    const wanted = this.#rounds.map(({ begun }) => begun + 1)
    await eventually(
      () => this.#rounds,
      (rounds) => rounds.every(({ ended }, at) => ended >= (wanted[at] ?? 0)),
      withinMs,
      () => `not every output has answered; wanted are ${wanted.join(', ')}`,
    )
    this.assertNoFalseClaim()
  }

  /** Checks that every claim so far was true. @throws AssertionError with one false claim of each output */
  assertNoFalseClaim(): void {
    const groups = [...Map.groupBy(this.violations, ({ output }) => output)]
    const told = groups.map(([output, all]) => `${output}, ${all.length} times: ${JSON.stringify(all[0], null, 1)}`)
    assert.equal(groups.length, 0, `false claims:\n${told.join('\n')}`)
  }

  async #judge(claim: Claim): Promise<void> {
    this.#note(claim)
    const now = Date.now()
    if (claim.asOf < claim.asked - freshMs) {
      this.#add(claim, `it is based on a source listing that was ${claim.asked - claim.asOf} ms old`)
    }
    if (claim.asOf > now) this.#add(claim, `it is based on a source listing dated ${claim.asOf - now} ms in the future`)
    for (const [side, since] of this.#down) {
      if (claim.asked > since + unknownWithinMs)
        this.#add(claim, `the ${side} cluster has not answered for ${claim.asked - since} ms`)
    }
    if (this.#down.size > 0) return
    const verdict = await this.#parts.truth.judge(claim.asOf)
    if (!verdict.known || claim.asOf < this.#disturbed) return
    const { missing, undecided, expected } = verdict
    if (missing + undecided > 0) {
      this.#add(
        claim,
        `${missing} of ${expected} records are missing, ${undecided} offsets are blocked by an open transaction`,
        verdict,
      )
    }
  }

  /**
   * Checks the exit code of `godwit run --until in-sync`: 0 claims that everything on the source at its start has been copied.
   */
  async judgeRun(began: number, code: number | string): Promise<void> {
    if (code !== 0) return
    const verdict = await this.#parts.truth.judge(began)
    assert.ok(verdict.known, verdict.reason)
    const { missing, undecided, expected } = verdict
    if (missing + undecided > 0)
      this.#add(
        { output: 'run --until in-sync', said: 'exit 0' },
        `${missing} of ${expected} records are missing`,
        verdict,
      )
  }

  /** Stops polling. */
  async stop(): Promise<void> {
    this.#over.abort()
    await this.#loops
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  async #loop(outputs: readonly Output[], pauseMs: number): Promise<void> {
    const { signal } = this.#over
    const rounds = { begun: 0, ended: 0 }
    this.#rounds.push(rounds)
    while (!signal.aborted) {
      rounds.begun++
      for (const ask of outputs) {
        if (signal.aborted) return
        try {
          for (const claim of await ask()) await this.#judge(claim)
        } catch (error) {
          this.#add(
            { output: 'an answer', said: String(error) },
            'it cannot be read, or not be compared with the count of Java',
          )
        }
        // A pause, so that other processes get the processors.
        if (pauseMs >= COMMAND_PAUSE_MS) await letPass(pauseMs, signal)
      }
      rounds.ended = rounds.begun
      // A pause, so that godwit has time for its other work.
      await letPass(pauseMs, signal)
    }
  }

  /** `/health/ready` does not claim that everything has been copied. It claims that godwit is able to copy. */
  async #lookReady(): Promise<readonly Claim[]> {
    const asked = Date.now()
    const ready = await readiness(this.#parts.address)
    for (const [side, since] of this.#down) {
      if (ready?.ok && asked > since + unknownWithinMs)
        this.#add(
          { output: 'ready', said: `ok, of ${await this.#status()}` },
          `the ${side} cluster has not answered for ${asked - since} ms`,
        )
    }
    return []
  }

  #note({ output, asked }: Claim): void {
    this.#claimCounts.set(output, { last: asked, count: (this.#claimCounts.get(output)?.count ?? 0) + 1 })
  }

  #add({ output, said }: { output: string; said: string }, why: string, verdict?: Verdict): void {
    this.violations.push({ output, said: said.slice(0, 500), why, ...(verdict && { verdict }) })
  }

  async #status(): Promise<string> {
    const answer = await fetch(`http://${this.#parts.address}/api/v1/status`).catch(() => undefined)
    return (await answer?.text())?.slice(0, 4000) ?? 'no answer'
  }
}

/** One output per call, in turn. */
function inTurn(outputs: readonly Output[]): Output {
  let asked = 0
  return async () => (await outputs[asked++ % outputs.length]?.()) ?? []
}

/** Outputs of a running godwit over HTTP, and commands. */
export const servedOutputs = ['status', 'metrics'] as const
export const allOutputs = [...servedOutputs, 'godwit status', 'godwit lag', 'godwit lag FILE', 'godwit verify'] as const
