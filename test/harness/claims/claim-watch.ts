// Asks every surface of a godwit again and again whether everything has arrived, and has Java count at each yes. A yes is called
// early only where that is certain: what it must cover was on the source before, and is not on the target afterwards.
import assert from 'node:assert/strict'
import { eventually, letPass } from '../eventually.ts'
import {
  freshMs,
  lagFileSurface,
  lagSurface,
  logSurface,
  metricsSurface,
  type Running,
  readiness,
  type Surface,
  statusCommandSurface,
  statusSurface,
  verifySurface,
  type Yes,
} from './surfaces.ts'
import type { FlowTruth, Verdict } from './truth.ts'

/** Between two rounds over the surfaces of a running process, and between two commands (ms). */
const HTTP_PAUSE_MS = 50
const COMMAND_PAUSE_MS = 250
/** How long a surface may go on saying yes after a cluster has stopped answering (ms). */
export const unknownWithinMs = 10_000

export interface Violation {
  readonly surface: string
  readonly said: string
  readonly why: string
  readonly verdict?: Verdict
}

export interface ClaimWatchParts {
  readonly truth: FlowTruth
  /** of the HTTP server, the same over restarts */
  readonly address: string
  /** the configuration, for commands that work without a running godwit */
  readonly file: string
  /** of the godwit that runs now */
  readonly log?: () => readonly Readonly<Record<string, unknown>>[]
  /** false: no commands are started, only HTTP is asked */
  readonly commands?: boolean
}

type Side = 'source' | 'target'

/** Asks the surfaces of one flow again and again, and keeps what was claimed untruly. */
export class ClaimWatch implements AsyncDisposable {
  readonly violations: Violation[] = []
  readonly #parts: ClaimWatchParts
  readonly #over = new AbortController()
  /** when each surface was asked for its last yes, and how many there were */
  readonly #yeses = new Map<string, { last: number; count: number }>()
  readonly #down = new Map<Side, number>()
  /** of each loop: how many rounds over its surfaces were begun, and which was ended last */
  readonly #rounds: { begun: number; ended: number }[] = []
  #since = Date.now()
  #disturbed = 0
  #loops: Promise<unknown> = Promise.resolve()

  /** Begins to ask. Call `restarted` whenever a godwit is started. */
  constructor(parts: ClaimWatchParts) {
    this.#parts = parts
    const running: Running = { address: parts.address, since: () => this.#since }
    const { file, log } = parts
    const served = [
      statusSurface(running),
      metricsSurface(running),
      ...(log ? [logSurface(running, log)] : []),
      () => this.#lookReady(),
    ]
    const loops = [this.#loop(served, HTTP_PAUSE_MS)]
    if (parts.commands !== false) {
      // Two at a time: godwit status only waits for most of its time.
      loops.push(this.#loop([lagSurface(running), lagFileSurface(file)], COMMAND_PAUSE_MS))
      const depths = [verifySurface(file, 'counts'), verifySurface(file, 'offsets')]
      loops.push(this.#loop([statusCommandSurface(running), inTurn(depths)], COMMAND_PAUSE_MS))
    }
    this.#loops = Promise.all(loops)
  }

  /** A godwit was started now: what is claimed from now on rests on what it has seen itself. */
  restarted(): void {
    this.#since = Date.now()
  }

  /** A cluster has stopped answering: soon nothing may be claimed any more. */
  down(side: Side): void {
    this.#down.set(side, Date.now())
  }

  /** Takes records away from the target: claims that rest on what was before are not held against what is left. */
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

  /** How often each surface has said yes. */
  get yeses(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#yeses].map(([surface, { count }]) => [surface, count]))
  }

  /** Waits until each of these surfaces has said yes to a question put after now. @throws AssertionError with those that did not */
  async untilYes(surfaces: readonly string[], withinMs = 60_000): Promise<void> {
    const from = Date.now()
    await eventually(
      () => {
        const silent = surfaces.filter((surface) => (this.#yeses.get(surface)?.last ?? 0) < from)
        if (silent.length > 0) this.assertHonest()
        return silent
      },
      (silent) => silent.length === 0,
      withinMs,
      async (silent) => `no yes from ${silent.join(', ')}\n${await this.#status()}`,
    )
  }

  /** Waits until every surface has been asked since now, whatever it has answered, and checks that no answer was untrue. @throws AssertionError when not all answer within `withinMs` milliseconds, or one was untrue */
  async round(withinMs = 60_000): Promise<void> {
    const wanted = this.#rounds.map(({ begun }) => begun + 1)
    await eventually(
      () => this.#rounds,
      (rounds) => rounds.every(({ ended }, at) => ended >= (wanted[at] ?? 0)),
      withinMs,
      () => `not every surface has answered; wanted are ${wanted.join(', ')}`,
    )
    this.assertHonest()
  }

  /** Every yes so far was true. @throws AssertionError with one untrue answer of each surface */
  assertHonest(): void {
    const groups = [...Map.groupBy(this.violations, ({ surface }) => surface)]
    const told = groups.map(([surface, all]) => `${surface}, ${all.length} times: ${JSON.stringify(all[0], null, 1)}`)
    assert.equal(groups.length, 0, `claims were not true:\n${told.join('\n')}`)
  }

  async #judge(yes: Yes): Promise<void> {
    this.#note(yes)
    const now = Date.now()
    if (yes.asOf < yes.asked - freshMs) {
      this.#add(yes, `it rests on a listing of the source that was ${yes.asked - yes.asOf} ms old`)
    }
    if (yes.asOf > now)
      this.#add(yes, `it rests on a listing of the source that was not made before ${yes.asOf - now} ms from now`)
    for (const [side, since] of this.#down) {
      if (yes.asked > since + unknownWithinMs)
        this.#add(yes, `the ${side} cluster has not answered for ${yes.asked - since} ms`)
    }
    if (this.#down.size > 0) return
    const verdict = await this.#parts.truth.judge(yes.asOf)
    if (!verdict.known || yes.asOf < this.#disturbed) return
    const { missing, undecided, expected } = verdict
    if (missing + undecided > 0) {
      this.#add(
        yes,
        `${missing} of ${expected} records are missing, ${undecided} offsets wait behind an open transaction`,
        verdict,
      )
    }
  }

  /** Holds the end of a run until in-sync against the truth: with 0 it claims that all has arrived that was there when it began. */
  async judgeRun(began: number, code: number | string): Promise<void> {
    if (code !== 0) return
    const verdict = await this.#parts.truth.judge(began)
    assert.ok(verdict.known, verdict.reason)
    const { missing, undecided, expected } = verdict
    if (missing + undecided > 0)
      this.#add(
        { surface: 'run --until in-sync', said: 'exit 0' },
        `${missing} of ${expected} records are missing`,
        verdict,
      )
  }

  /** Ends all questions. */
  async stop(): Promise<void> {
    this.#over.abort()
    await this.#loops
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  async #loop(surfaces: readonly Surface[], pauseMs: number): Promise<void> {
    const { signal } = this.#over
    const rounds = { begun: 0, ended: 0 }
    this.#rounds.push(rounds)
    while (!signal.aborted) {
      rounds.begun++
      for (const ask of surfaces) {
        if (signal.aborted) return
        try {
          for (const yes of await ask()) await this.#judge(yes)
        } catch (error) {
          this.#add({ surface: 'an answer', said: String(error) }, 'it cannot be read, or be held against the truth')
        }
        // Between two questions others shall have a turn.
        if (pauseMs >= COMMAND_PAUSE_MS) await letPass(pauseMs, signal)
      }
      rounds.ended = rounds.begun
      // Asking is not all that godwit has to do.
      await letPass(pauseMs, signal)
    }
  }

  /** Ready is no claim that everything has arrived, but one that it would be copied. */
  async #lookReady(): Promise<readonly Yes[]> {
    const asked = Date.now()
    const ready = await readiness(this.#parts.address)
    for (const [side, since] of this.#down) {
      if (ready?.ok && asked > since + unknownWithinMs)
        this.#add(
          { surface: 'ready', said: `ok, of ${await this.#status()}` },
          `the ${side} cluster has not answered for ${asked - since} ms`,
        )
    }
    return []
  }

  #note({ surface, asked }: Yes): void {
    this.#yeses.set(surface, { last: asked, count: (this.#yeses.get(surface)?.count ?? 0) + 1 })
  }

  #add({ surface, said }: { surface: string; said: string }, why: string, verdict?: Verdict): void {
    this.violations.push({ surface, said: said.slice(0, 500), why, ...(verdict && { verdict }) })
  }

  async #status(): Promise<string> {
    const answer = await fetch(`http://${this.#parts.address}/api/v1/status`).catch(() => undefined)
    return (await answer?.text())?.slice(0, 4000) ?? 'nobody answers'
  }
}

/** One surface at each question. */
function inTurn(surfaces: readonly Surface[]): Surface {
  let asked = 0
  return async () => (await surfaces[asked++ % surfaces.length]?.()) ?? []
}

/** Surfaces that a running godwit answers over HTTP, and commands. */
export const servedSurfaces = ['status', 'metrics'] as const
export const allSurfaces = [
  ...servedSurfaces,
  'godwit status',
  'godwit lag',
  'godwit lag FILE',
  'godwit verify',
] as const
