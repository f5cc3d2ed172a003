// A Java program of the demo that reports in JSON lines: its lines, its end, and its words when it fails.
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { DemoProblem } from './problem.ts'

export class Program {
  readonly #name: string
  readonly #child: ChildProcess
  readonly #exited: Promise<number | string>
  #complaints = ''

  /** `child` was just started with pipes for stdout and stderr; `name` is for messages. */
  constructor(name: string, child: ChildProcess) {
    this.#name = name
    this.#child = child
    this.#exited = once(child, 'close').then(() => child.exitCode ?? child.signalCode ?? 'an unknown exit code')
    this.#exited.catch(() => {})
    // A program that has just ended takes no more input; why it ended is told by `ended`.
    child.stdin?.on('error', () => {})
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#complaints = (this.#complaints + text).slice(-4000)
    })
  }

  /** Every line of JSON on stdout, until stdout ends. */
  async *lines(): AsyncGenerator<unknown> {
    if (!this.#child.stdout) return
    for await (const line of createInterface({ input: this.#child.stdout })) {
      // The logging library of an installed Kafka may write to stdout too.
      if (line.startsWith('{')) yield JSON.parse(line)
    }
  }

  /** Writes a line to the program's stdin. */
  tell(line: string): void {
    this.#child.stdin?.write(`${line}\n`)
  }

  /** Ends the program's stdin, which the long-running ones take as the word to stop. */
  endInput(): void {
    this.#child.stdin?.end()
  }

  /** Waits for the end. Throws a DemoProblem unless the exit code is one of `expected`. */
  async ended(expected: readonly number[] = [0]): Promise<void> {
    const end = await this.#exited
    if (typeof end === 'number' && expected.includes(end)) return
    throw new DemoProblem(`${this.#name} failed (${end}):\n${this.#complaints.trim() || 'it said nothing about why'}`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null || this.#child.pid === undefined) return
    this.#child.kill('SIGKILL')
    await this.#exited.catch(() => {})
  }
}
