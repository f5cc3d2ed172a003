// A real MirrorMaker 2 of any version, as connect-mirror-maker.sh starts it: dedicated mode, one process, its own file.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { guard, guardFolder, release } from './guardian.ts'

export class MirrorMaker implements AsyncDisposable {
  readonly #child: ChildProcess
  readonly #ended: Promise<void>
  #said = ''

  private constructor(child: ChildProcess, folder: string) {
    this.#child = child
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.#said += chunk.toString()
      })
    }
    this.#ended = new Promise((resolve) => {
      child.once('close', () => {
        rmSync(folder, { recursive: true, force: true })
        release(folder)
        resolve()
      })
    })
  }

  /** @param jars folder of the version to run @param configuration text of its mm2.properties */
  static start(jars: string, configuration: string): MirrorMaker {
    const folder = mkdtempSync(join(tmpdir(), 'godwit-mm2-'))
    guardFolder(folder)
    const file = join(folder, 'mm2.properties')
    writeFileSync(file, configuration)
    const log = '-Dorg.slf4j.simpleLogger.defaultLogLevel=error'
    const flags = ['-Xmx384m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', log, '-cp', `${jars}/*`]
    const main = 'org.apache.kafka.connect.mirror.MirrorMaker'
    const child = spawn('java', [...flags, main, file], { stdio: ['ignore', 'pipe', 'pipe'] })
    guard(child)
    return new MirrorMaker(child, folder)
  }

  /** What it has printed: its errors. */
  get said(): string {
    return this.#said
  }

  /** SIGTERM: it writes its offsets and leaves its groups. */
  async stop(): Promise<void> {
    this.#child.kill('SIGTERM')
    await this.#ended
  }

  kill9(): void {
    this.#child.kill('SIGKILL')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill9()
    await this.#ended
  }
}
