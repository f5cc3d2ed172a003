// A real MirrorMaker 2 in dedicated mode with an mm2.properties file.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inTime } from './eventually.ts'
import { guard, guardFolder, release } from './guardian.ts'
import { kafkaJars } from './kafka-jars.ts'

/** Maximum time of a clean stop, including the last commit of offsets (ms). */
const STOP_WITHIN_MS = 60_000

/** One process, killed at the end of its scope. */
export class MirrorMaker implements AsyncDisposable {
  readonly #child: ChildProcess
  readonly #ended: Promise<unknown>
  #said = ''

  private constructor(child: ChildProcess, folder: string) {
    this.#child = child
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk: Buffer) => (this.#said = (this.#said + chunk).slice(-100_000)))
    this.#ended = new Promise<void>((resolve) => {
      child.once('close', () => {
        rmSync(folder, { recursive: true, force: true })
        release(folder)
        resolve()
      })
    })
  }

  /**
   * Starts it.
   * @param configuration content of mm2.properties
   * @param version Kafka version; default as in kafkaJars
   */
  static async start(configuration: string, version?: string): Promise<MirrorMaker> {
    const jars = await kafkaJars(version)
    const folder = mkdtempSync(join(tmpdir(), 'godwit-mm2-'))
    guardFolder(folder)
    const file = join(folder, 'mm2.properties')
    writeFileSync(file, configuration)
    const log = '-Dorg.slf4j.simpleLogger.defaultLogLevel=error'
    const flags = ['-Xmx384m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', log, '-cp', `${jars}/*`]
    const child = spawn('java', [...flags, 'org.apache.kafka.connect.mirror.MirrorMaker', file], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    guard(child)
    return new MirrorMaker(child, folder)
  }

  /** The end of its output. */
  get said(): string {
    return this.#said
  }

  /** SIGTERM: it writes what it has accepted, then its offsets. @throws Error if it does not end */
  async stop(): Promise<void> {
    this.#child.kill('SIGTERM')
    await inTime(this.#ended, STOP_WITHIN_MS, () => `MirrorMaker 2 said: ${this.#said.slice(-2000)}`)
  }

  /** Kills it with kill -9. Resolves when the process has ended. */
  async kill9(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#ended
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await this.kill9()
  }
}
