// A real MirrorMaker 2 in its dedicated mode, on an mm2.properties as an operator has it.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inTime } from './eventually.ts'
import { guard, guardFolder, release } from './guardian.ts'
import { kafkaJars } from './kafka-jars.ts'

/** How long an orderly stop may take, with its last commit of offsets (ms). */
const STOP_WITHIN_MS = 60_000

/** One process; killed with its scope. */
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
   * Starts it; it is killed at the latest when it is disposed of.
   * @param configuration text of an mm2.properties @param version of Kafka; as kafkaJars when absent
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

  /** The last of what it printed: its errors. */
  get said(): string {
    return this.#said
  }

  /** SIGTERM, which ends it in order: what it has accepted is written, then its offsets. @throws Error when it does not end */
  async stop(): Promise<void> {
    this.#child.kill('SIGTERM')
    await inTime(this.#ended, STOP_WITHIN_MS, () => `MirrorMaker 2 said: ${this.#said.slice(-2000)}`)
  }

  /** Kills it with -9; resolves when the process is gone. */
  async kill9(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#ended
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await this.kill9()
  }
}
