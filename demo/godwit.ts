// Runs godwit as a user would: `bin/godwit run FILE` as a child process, observed through its HTTP status.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { open, readFile } from 'node:fs/promises'
import { fetchStatus } from '../src/http/client.ts'
import type { FlowStatus } from '../src/model/flow-status.ts'
import { DemoProblem } from './problem.ts'

const stopWithinMs = 30_000

export interface GodwitOptions {
  /** program to start: bin/godwit or another godwit */
  readonly program: string
  /** the mm2.properties */
  readonly file: string
  /** receives godwit's output */
  readonly logFile: string
  readonly environment: Readonly<Record<string, string>>
  /** for --http on 127.0.0.1 */
  readonly httpPort: number
}

export class Godwit {
  readonly #child: ChildProcess
  readonly #options: GodwitOptions
  readonly #exited: Promise<number | string>

  private constructor(child: ChildProcess, options: GodwitOptions) {
    this.#child = child
    this.#options = options
    this.#exited = once(child, 'exit').then(() => child.exitCode ?? child.signalCode ?? 'an unknown exit code')
    // A failure to start is reported by `status` and `stop`, which see that the process has exited.
    this.#exited.catch(() => {})
  }

  /** Starts the process; `status` returns undefined until it answers. */
  static async start(options: GodwitOptions): Promise<Godwit> {
    const log = await open(options.logFile, 'w')
    try {
      const child = spawn(options.program, ['run', options.file, '--http', `127.0.0.1:${options.httpPort}`], {
        env: { ...process.env, ...options.environment },
        stdio: ['ignore', log.fd, log.fd],
      })
      return new Godwit(child, options)
    } finally {
      await log.close()
    }
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  get hasExited(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null || this.#child.pid === undefined
  }

  /** Peak memory so far in bytes (Linux only, else undefined). */
  async peakMemory(): Promise<number | undefined> {
    const text = await readFile(`/proc/${this.#child.pid}/status`, 'utf8').catch(() => '')
    const match = /^VmHWM:\s+(\d+) kB$/m.exec(text)
    return match ? Number(match[1]) * 1024 : undefined
  }

  /** The status of the flow old->new; undefined while godwit does not answer yet. Throws a DemoProblem when it has ended. */
  async status(): Promise<FlowStatus | undefined> {
    if (this.hasExited) throw await this.#endedByItself()
    const answer = await fetchStatus({ host: '127.0.0.1', port: this.#options.httpPort }).catch(() => undefined)
    return answer?.flows.find((flow) => flow.source === 'old' && flow.target === 'new')
  }

  /** Sends SIGTERM and waits for the end. Throws a DemoProblem when it does not end in time, or not with exit code 0. */
  async stop(): Promise<void> {
    if (this.hasExited) throw await this.#endedByItself()
    this.#child.kill('SIGTERM')
    const deadline = AbortSignal.timeout(stopWithinMs)
    const late = once(deadline, 'abort').then(() => 'late' as const)
    const end = await Promise.race([this.#exited, late])
    if (end === 0) return
    const what =
      end === 'late' ? `did not end within ${stopWithinMs / 1000} s of SIGTERM` : `ended with ${end} after SIGTERM`
    throw new DemoProblem(`godwit ${what} (0 was expected). The end of its log:\n${await this.endOfLog()}`)
  }

  /** The end of its log. */
  async endOfLog(lines = 15): Promise<string> {
    const text = await readFile(this.#options.logFile, 'utf8').catch(() => '')
    return text.trimEnd().split('\n').slice(-lines).join('\n')
  }

  /** Ends the process if it still runs: with SIGTERM, after 5 s with SIGKILL. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.hasExited) return
    this.#child.kill('SIGTERM')
    const force = setTimeout(() => this.#child.kill('SIGKILL'), 5000)
    await this.#exited.catch(() => {})
    clearTimeout(force)
  }

  async #endedByItself(): Promise<DemoProblem> {
    const end = await this.#exited.catch((error: unknown) => String(error))
    return new DemoProblem(`godwit ended by itself with ${end}. The end of its log:\n${await this.endOfLog()}`)
  }
}
