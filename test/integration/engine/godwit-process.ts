// `bin/godwit run` as a child process, as a user starts it: its log, its status over HTTP, its exit code.
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fetchStatus } from '../../../src/http/client.ts'
import type {
  FlowStatus,
  PartitionStatus,
  PeriodicTaskName,
  PeriodicTaskStatus,
} from '../../../src/model/flow-status.ts'
import { eventually, inTime } from '../../harness/eventually.ts'
import { guard, guardFolder, release } from '../../harness/guardian.ts'
import { freePorts } from '../../harness/ports.ts'

const program = join(import.meta.dirname, '../../../bin/godwit')
const timeoutMs = 60_000

/** One line of the log, as JSON. */
export type LogLine = Readonly<Record<string, unknown>> & { readonly level: string; readonly message: string }

export class GodwitProcess {
  readonly log: LogLine[] = []
  readonly #child: ChildProcess
  readonly #port: number
  readonly #ended: Promise<number | string>
  readonly #said: string[] = []

  private constructor(child: ChildProcess, port: number, folder: string) {
    this.#child = child
    this.#port = port
    if (child.stderr) createInterface({ input: child.stderr }).on('line', (line) => this.#addLine(line))
    this.#ended = new Promise((resolve) => {
      child.once('close', (code, signal) => {
        rmSync(folder, { recursive: true, force: true })
        release(folder)
        resolve(code ?? signal ?? 'an unknown end')
      })
    })
  }

  /** @param configuration content of mm2.properties @param args additional arguments of `godwit run` */
  static start(configuration: string, ...args: readonly string[]): Promise<GodwitProcess> {
    return GodwitProcess.startFiles({ 'mm2.properties': configuration }, ...args)
  }

  /** @param files name -> content, all in one directory; the first one is the configuration */
  static async startFiles(files: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<GodwitProcess> {
    const port = portIn(args) ?? (await freePorts(1))[0] ?? 0
    const folder = mkdtempSync(join(tmpdir(), 'godwit-engine-'))
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
    const file = join(folder, Object.keys(files)[0] ?? '')
    const all = ['run', file, '--http', `127.0.0.1:${port}`, '--log-format', 'json', '--log-level', 'debug', ...args]
    guardFolder(folder)
    const child = spawn(program, all, { stdio: ['ignore', 'ignore', 'pipe'] })
    guard(child)
    return new GodwitProcess(child, port, folder)
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** The HOST:PORT of its HTTP server. */
  get address(): string {
    return `127.0.0.1:${this.#port}`
  }

  /** Waits until it ends by itself. @returns the exit code */
  exit(withinMs = timeoutMs): Promise<number | string> {
    return inTime(this.#ended, withinMs, () => `godwit said:\n${this.lastOutput()}`)
  }

  /** Sends SIGTERM. @returns the exit code */
  stop(): Promise<number | string> {
    this.#child.kill('SIGTERM')
    return this.exit()
  }

  async kill9(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#ended
  }

  /** Pauses the process, or continues it. */
  freeze(frozen: boolean): void {
    this.#child.kill(frozen ? 'SIGSTOP' : 'SIGCONT')
  }

  /** The status of every flow; empty while nothing answers. */
  async flows(): Promise<readonly FlowStatus[]> {
    const answer = await fetchStatus({ host: '127.0.0.1', port: this.#port }).catch(() => undefined)
    return answer?.flows ?? []
  }

  /** The status of the flow with this name, or of the only flow; undefined while nothing answers. */
  async status(name?: string): Promise<FlowStatus | undefined> {
    return (await this.flows()).find(({ flow }) => name === undefined || flow === name)
  }

  async partition(topic: string, partition: number): Promise<PartitionStatus | undefined> {
    return partitionOf(await this.status(), topic, partition)
  }

  /** Waits until `accept` is true for the status (of the flow with this name), and returns the status. */
  until(wanted: string, accept: (status: FlowStatus) => boolean, name?: string): Promise<FlowStatus> {
    return eventually(
      async () => {
        const status = await this.status(name)
        if (!status) assert.equal(this.#child.exitCode, null, `it ended before ${wanted}:\n${this.lastOutput()}`)
        return status
      },
      (status): status is FlowStatus => status !== undefined && accept(status),
      timeoutMs,
      () => `not seen: ${wanted}\n${this.lastOutput()}`,
    )
  }

  /** Waits until these source end offsets are copied. @param ends partition -> offset */
  untilCopied(topic: string, ends: Readonly<Record<string, number>>, name?: string): Promise<FlowStatus> {
    return this.until(
      `${topic} is copied to ${JSON.stringify(ends)}`,
      (status) => Object.entries(ends).every(([p, end]) => (partitionOf(status, topic, +p)?.position ?? -1) >= end),
      name,
    )
  }

  /** Waits until this partition has a problem with this code, and returns its status. */
  async untilProblem(code: string, topic: string, partition: number): Promise<PartitionStatus> {
    const status = await this.until(`${code} of ${topic}-${partition}`, (seen) => {
      return partitionOf(seen, topic, partition)?.problem?.code === code
    })
    return partitionOf(status, topic, partition) as PartitionStatus
  }

  /** Waits until a run of this periodic task has ended as wanted. @returns its status */
  async untilTask(name: PeriodicTaskName, wanted: (task: PeriodicTaskStatus) => boolean): Promise<PeriodicTaskStatus> {
    const of = (status: FlowStatus) => status.periodicTasks.find(({ task }) => task === name)
    const status = await this.until(`${name} as wanted`, (seen) => {
      const task = of(seen)
      return task !== undefined && task.runs > 0 && wanted(task)
    })
    return of(status) as PeriodicTaskStatus
  }

  /** Log lines with this level that name the topic. */
  linesAbout(topic: string, level: string): LogLine[] {
    return this.log.filter((line) => line.level === level && line['topic'] === topic)
  }

  /** Waits until its output matches. @returns the whole output */
  async untilPrinted(wanted: RegExp): Promise<string> {
    await eventually(
      () => this.lastOutput(),
      () => this.#said.some((line) => wanted.test(line)),
      timeoutMs,
      () => `not said: ${wanted}`,
    )
    return this.#said.join('\n')
  }

  /** Waits until `wanted` is true for a log line, and returns the line. */
  untilLogged(wanted: (line: LogLine) => boolean): Promise<LogLine> {
    return eventually(
      () => this.log.find(wanted),
      (line) => line !== undefined,
      timeoutMs,
      () => `not logged: ${wanted}\n${this.lastOutput()}`,
    )
  }

  lastOutput(): string {
    return this.#said.slice(-40).join('\n')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await this.kill9()
  }

  #addLine(line: string): void {
    this.#said.push(line)
    if (line.startsWith('{')) this.log.push(JSON.parse(line) as LogLine)
  }
}

/** The port of `--http HOST:PORT`, if there is one. */
function portIn(args: readonly string[]): number | undefined {
  const at = args.indexOf('--http')
  const port = at < 0 ? Number.NaN : Number(args[at + 1]?.split(':').at(-1))
  return Number.isNaN(port) ? undefined : port
}

export function partitionOf(
  status: FlowStatus | undefined,
  topic: string,
  partition: number,
): PartitionStatus | undefined {
  return status?.topics.find((one) => one.topic === topic)?.partitions.find((one) => one.partition === partition)
}
