// The slow link in front of the target: a process that delays what passes it.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const node = join(import.meta.dirname, '../bin/node24')
const script = join(import.meta.dirname, 'delay-line.ts')

export class SlowLink implements AsyncDisposable {
  /** what the target has to advertise */
  readonly port: number
  readonly #process: ChildProcess

  private constructor(port: number, process: ChildProcess) {
    this.port = port
    this.#process = process
  }

  /** Starts a link that leads to `targetPort`, where nobody needs to listen yet. Throws an Error when it does not come up. */
  static async open(targetPort: number, roundTripMs: number): Promise<SlowLink> {
    const link = spawn(node, [script, `${targetPort}`, `${roundTripMs}`], { stdio: ['pipe', 'pipe', 'inherit'] })
    for await (const line of createInterface({ input: link.stdout })) return new SlowLink(Number(line), link)
    throw new Error('the slow link did not come up')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return
    this.#process.kill()
    await once(this.#process, 'exit')
  }
}
