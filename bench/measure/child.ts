// A contestant as a process: its output goes to a file, its usage is read from /proc, SIGTERM ends it.
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { cpuOfEndedChildren, type Usage, usageOf, usageOfTree } from './procfs.ts'

const SAMPLE_MS = 50
/** Finding descendants means reading all of /proc, so it is done only for every n-th sample. */
const TREE_EVERY = 10
const KILL_AFTER_MS = 20_000

export interface Launch {
  readonly command: string
  readonly args: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  /** true: it ends when it has copied everything; false: it is stopped with SIGTERM */
  readonly endsByItself: boolean
}

const running = new Set<Child>()

/** Ends every process of this module that still runs. */
export async function stopAll(): Promise<void> {
  await Promise.all([...running].map((child) => child.stop()))
}

export class Child {
  readonly startedAt = performance.now()
  readonly #process: ChildProcess
  readonly #log: string
  readonly #childrenBefore = cpuOfEndedChildren()
  readonly #sampler: NodeJS.Timeout
  readonly #exit: Promise<number>
  #samples = 0
  #usage: Usage = { cpuSeconds: 0, peakRssMb: 0 }
  #exitCode: number | undefined

  /** Starts it; standard output and error go to the file `log`. */
  constructor(launch: Launch, log: string) {
    this.#log = log
    const out = openSync(log, 'w')
    const environment = { ...process.env, ...launch.environment }
    this.#process = spawn(launch.command, launch.args, { stdio: ['ignore', out, out], env: environment })
    closeSync(out)
    running.add(this)
    this.#sampler = setInterval(() => this.#sample(), SAMPLE_MS)
    this.#exit = new Promise((resolve) => {
      this.#process.once('error', () => resolve(this.#ended(127)))
      this.#process.once('exit', (code) => resolve(this.#ended(code ?? 128)))
    })
  }

  get exited(): boolean {
    return this.#exitCode !== undefined
  }

  /** CPU and peak memory so far; after the end, of the whole run. */
  usage(): Usage {
    if (!this.exited) this.#sample()
    return this.#usage
  }

  /** Last lines of its output without stack traces. */
  tail(lines = 5): string {
    const all = this.output().trimEnd().split('\n')
    return all
      .filter((line) => !/^\s+at |^\s*$/.test(line))
      .slice(-lines)
      .join('\n')
  }

  output(): string {
    return readFileSync(this.#log, 'utf8')
  }

  /** Exit code, or undefined when it is still running after `withinMs`. */
  async exitCode(withinMs: number): Promise<number | undefined> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), withinMs)
    })
    const code = await Promise.race([this.#exit, late])
    clearTimeout(timer)
    return code
  }

  /** Sends SIGTERM, and SIGKILL if it still runs after 20 s. */
  async stop(): Promise<void> {
    if (this.exited) return
    this.#process.kill('SIGTERM')
    if ((await this.exitCode(KILL_AFTER_MS)) !== undefined) return
    this.#process.kill('SIGKILL')
    await this.#exit
  }

  #sample(): void {
    const pid = this.#process.pid
    if (pid === undefined || this.exited) return
    const usage = this.#samples++ % TREE_EVERY === 0 ? usageOfTree(pid) : usageOf(pid)
    if (usage) this.#raise(usage)
  }

  #raise(usage: Usage): void {
    this.#usage = {
      cpuSeconds: Math.max(this.#usage.cpuSeconds, usage.cpuSeconds),
      peakRssMb: Math.max(this.#usage.peakRssMb, usage.peakRssMb),
    }
  }

  /** The process used CPU after the last sample; the kernel reports the total of ended children. */
  #ended(code: number): number {
    clearInterval(this.#sampler)
    running.delete(this)
    this.#raise({ cpuSeconds: cpuOfEndedChildren() - this.#childrenBefore, peakRssMb: 0 })
    this.#exitCode = code
    return code
  }
}
