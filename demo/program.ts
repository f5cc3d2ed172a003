// A Java program of the demo that reports in JSON lines: its lines, its end, and its error output.
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { DemoProblem } from './problem.ts'

export class Program {
  readonly #name: string
  readonly #child: ChildProcess
  readonly #exited: Promise<number | string>
  #errorOutput = ''

  /** @param name for messages @param child just started, with pipes for stdout and stderr */
  constructor(name: string, child: ChildProcess) {
    this.#name = name
    this.#child = child
    this.#exited = once(child, 'close').then(() => child.exitCode ?? child.signalCode ?? 'an unknown exit code')
    this.#exited.catch(() => {})
    // Writing to a program that has just ended fails; `ended` reports why it ended.
    child.stdin?.on('error', () => {})
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#errorOutput = (this.#errorOutput + text).slice(-4000)
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

  /** Ends the program's stdin, which stops long-running programs. */
  endInput(): void {
    this.#child.stdin?.end()
  }

  /** Waits for the end. Throws a DemoProblem unless the exit code is one of `expected`. */
  async ended(expected: readonly number[] = [0]): Promise<void> {
    const end = await this.#exited
    if (typeof end === 'number' && expected.includes(end)) return
    throw new DemoProblem(`${this.#name} failed (${end}):\n${this.#errorOutput.trim() || 'it wrote no error message'}`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null || this.#child.pid === undefined) return
    this.#child.kill('SIGKILL')
    await this.#exited.catch(() => {})
  }
}
