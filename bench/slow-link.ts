// The slow link to the target: a process that delays the data it forwards.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const node = join(import.meta.dirname, '../bin/node24')
const script = join(import.meta.dirname, 'delay-line.ts')

export class SlowLink implements AsyncDisposable {
  /** port that the target must advertise */
  readonly port: number
  readonly #process: ChildProcess

  private constructor(port: number, process: ChildProcess) {
    this.port = port
    this.#process = process
  }

  /** Starts a link to `targetPort`, which need not be open yet. Throws an Error when the link does not start. */
  static async open(targetPort: number, roundTripMs: number): Promise<SlowLink> {
    const link = spawn(node, [script, `${targetPort}`, `${roundTripMs}`], { stdio: ['pipe', 'pipe', 'inherit'] })
    for await (const line of createInterface({ input: link.stdout })) return new SlowLink(Number(line), link)
    throw new Error('the process of the slow link did not start')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return
    this.#process.kill()
    await once(this.#process, 'exit')
  }
}
