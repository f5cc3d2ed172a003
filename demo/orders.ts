// Produces orders during the migration: `godwit generate` on the topic of orders.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { DemoProblem } from './problem.ts'

const program = join(import.meta.dirname, '../bin/godwit')
const perSecond = 200
/** it ends after this time even if the demo was killed */
const openFor = '20m'

interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

export class Orders implements AsyncDisposable {
  readonly #child: ChildProcess
  readonly #ended: Promise<Ended>

  /** Starts to produce orders. @param bootstrap servers of the old cluster */
  constructor(bootstrap: string) {
    const to = ['--bootstrap-server', bootstrap, '--topic-name', 'pizza-orders', '--subject', 'pizza']
    const pace = ['--nr-messages', '0', '--rate', String(perSecond), '--for', openFor, '--compression', 'lz4']
    const child = spawn(program, ['generate', ...to, ...pace, '--output', 'json'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#child = child
    this.#ended = Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]).then(([out, err]) => ({
      code: child.exitCode,
      out,
      err,
    }))
    this.#ended.catch(() => {})
  }

  /** Stops; returns the number of orders. Throws a DemoProblem when they could not be produced. */
  async stop(): Promise<number> {
    this.#child.kill('SIGTERM')
    const { code, out, err } = await this.#ended
    if (code === 0) return (JSON.parse(out) as { records: number }).records
    throw new DemoProblem(`orders could not be produced:\n${err.trim() || `godwit generate ended with ${code}`}`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#ended.catch(() => {})
  }
}
