// One real broker as a child process: start, stop, kill, freeze, and restart on the same data and ports.
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { eventually, inTime } from '../eventually.ts'
import { guard } from '../guardian.ts'
import { answersMetadata } from './probe.ts'

const READY_MS = 90_000
const CLEAN_STOP_MS = 30_000
const LOG_TAIL = 8000

export interface BrokerParts {
  readonly id: number
  /** port of the plain-text listener for clients */
  readonly port: number
  readonly controllerPort: number
  /** ports of additional listeners, by name */
  readonly listeners: Readonly<Record<string, number>>
  /** contains server.properties, server.out and the data */
  readonly folder: string
  readonly classPath: string
  /** JVM flags */
  readonly flags: readonly string[]
}

/** One broker. Its data and ports are kept when its process ends. */
export class TestBroker {
  readonly id: number
  readonly port: number
  readonly controllerPort: number
  readonly listeners: Readonly<Record<string, number>>
  readonly folder: string
  readonly #parts: BrokerParts
  #child: ChildProcess | undefined
  #pid = 0

  constructor(parts: BrokerParts) {
    this.#parts = parts
    this.id = parts.id
    this.port = parts.port
    this.controllerPort = parts.controllerPort
    this.listeners = parts.listeners
    this.folder = parts.folder
  }

  /** id of the Java process; 0 if it is not running */
  get pid(): number {
    return this.#pid
  }

  get alive(): boolean {
    return this.#pid !== 0
  }

  /**
   * Starts the broker on its existing data. Resolves when it answers a Metadata request.
   * @throws Error with the end of its log
   */
  async start(): Promise<void> {
    this.launch()
    await this.ready(1)
  }

  /** Starts the process without waiting for it. */
  launch(): void {
    if (this.alive) return
    const out = openSync(join(this.folder, 'server.out'), 'a')
    const settings = join(this.folder, 'server.properties')
    const args = [...this.#parts.flags, '-cp', this.#parts.classPath, 'kafka.Kafka', settings]
    const child = spawn('java', args, { stdio: ['ignore', out, out] })
    closeSync(out)
    this.#child = child
    this.#pid = child.pid ?? 0
    guard(child)
    child.once('exit', () => {
      if (this.#child === child) this.#pid = 0
    })
  }

  /** Resolves when it answers and knows at least this many brokers. @throws AssertionError with the end of its log */
  async ready(brokers: number): Promise<void> {
    await eventually(
      async () => {
        if (await answersMetadata(this.port, brokers)) return true
        assert.ok(this.alive, `broker ${this.id} ended while starting:\n${this.log()}`)
        return false
      },
      (isReady) => isReady,
      READY_MS,
      () => `broker ${this.id} is not ready:\n${this.log()}`,
    )
  }

  /** Clean shutdown; killed after 30 s. */
  stop(): Promise<void> {
    return this.#end('SIGTERM')
  }

  /** Kills it with kill -9. Resolves when the process has ended. */
  kill9(): Promise<void> {
    return this.#end('SIGKILL')
  }

  /** Pauses the process (SIGSTOP), or continues it (SIGCONT). */
  freeze(frozen: boolean): void {
    this.#child?.kill(frozen ? 'SIGSTOP' : 'SIGCONT')
  }

  /** Resolves when the process has ended. @throws AssertionError after `withinMs` milliseconds */
  async gone(withinMs: number): Promise<void> {
    await eventually(
      () => this.alive,
      (isAlive) => !isAlive,
      withinMs,
      () => `broker ${this.id} still runs`,
    )
  }

  /** The end of its output. */
  log(): string {
    const file = join(this.folder, 'server.out')
    return existsSync(file) ? readFileSync(file, 'utf8').slice(-LOG_TAIL) : ''
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child
    if (!child || !this.alive) return
    const ended = once(child, 'exit')
    child.kill(signal)
    // A frozen process can be killed, but reacts to a stop only after SIGCONT.
    child.kill('SIGCONT')
    await inTime(ended, CLEAN_STOP_MS, () => '').catch(() => {
      child.kill('SIGKILL')
      return ended
    })
  }
}
