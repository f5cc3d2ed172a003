// The slow link in front of the target: a port that the target advertises, and the process that delays what passes it.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createConnection } from 'node:net'
import { join } from 'node:path'
import { sleep } from '../src/base/retry.ts'
import { freePorts } from '../test/harness/cluster.ts'

const UP_WITHIN_MS = 10_000
const node = join(import.meta.dirname, '../bin/node24')
const script = join(import.meta.dirname, 'delay-line.ts')

export class SlowLink {
  readonly port: number
  #leadsTo = 0
  #process: ChildProcess | undefined

  private constructor(port: number) {
    this.port = port
  }

  /** Finds a port; nothing listens on it before `open`. */
  static async reserve(): Promise<SlowLink> {
    const [port = 0] = await freePorts(1)
    return new SlowLink(port)
  }

  /** The broker's listener behind the link. */
  leadTo(port: number): void {
    this.#leadsTo = port
  }

  /** Starts the link and gives its address, once per bench: it stays as slow as it was first asked to be. */
  async open(roundTripMs: number): Promise<string> {
    if (!this.#process) {
      const words = [script, `${this.port}`, `${this.#leadsTo}`, `${roundTripMs / 2}`]
      this.#process = spawn(node, words, { stdio: ['ignore', 'inherit', 'inherit'] })
      await this.#untilUp()
    }
    return `127.0.0.1:${this.port}`
  }

  async close(): Promise<void> {
    const link = this.#process
    if (!link || link.exitCode !== null) return
    link.kill('SIGTERM')
    await once(link, 'exit')
  }

  async #untilUp(): Promise<void> {
    const deadline = performance.now() + UP_WITHIN_MS
    while (!(await answers(this.port))) {
      if (performance.now() > deadline) throw new Error('the slow link did not come up')
      await sleep(50)
    }
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port })
    socket.once('connect', () => resolve(true))
    socket.once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}
