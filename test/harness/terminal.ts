// Runs a program on a real pseudo terminal. util-linux's `script` creates it, the emulator reads the output, and `stty` changes
// the size and shows whether the program has restored the settings.
import assert from 'node:assert/strict'
import { type ChildProcessWithoutNullStreams, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Box, Emulator } from './emulator.ts'
import { eventually } from './eventually.ts'
import { guard, guardFolder, release } from './guardian.ts'

const timeoutMs = 30_000

/** The reason why pseudo terminals are not available here, for `skip`; undefined if they are. */
export function terminalMissing(): string | undefined {
  const found = (program: string) => spawnSync(program, ['--version']).status === 0
  if (process.platform !== 'linux') return `this test drives the pseudo terminals of Linux, not of ${process.platform}`
  const missing = ['script', 'stty'].filter((program) => !found(program))
  return missing.length === 0 ? undefined : `${missing.join(' and ')} is not there (util-linux, coreutils)`
}

export interface TerminalOptions extends Box {
  readonly environment?: Readonly<Record<string, string>>
}

/** One program on its own terminal, killed at the end of its scope. */
export class PseudoTerminal implements AsyncDisposable {
  readonly emulator: Emulator
  /** the complete output */
  written = ''
  readonly #child: ChildProcessWithoutNullStreams
  readonly #folder: string
  readonly #closed: Promise<unknown>

  private constructor(child: ChildProcessWithoutNullStreams, folder: string, box: Box) {
    this.#child = child
    this.#folder = folder
    this.emulator = new Emulator(box)
    this.#closed = once(child, 'close')
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.written += text
      this.emulator.write(text)
    })
    child.stdin.on('error', () => {})
  }

  /** Starts a program with arguments. */
  static start(
    program: string,
    words: readonly string[],
    { rows, columns, environment }: TerminalOptions,
  ): PseudoTerminal {
    const folder = mkdtempSync(join(tmpdir(), 'godwit-terminal-'))
    guardFolder(folder)
    const quoted = [program, ...words].map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ')
    const lines = [
      `cd ${folder}`,
      `stty rows ${rows} cols ${columns}`,
      'tty > tty; stty -g > before',
      `sh -c 'echo $$ > pid.new; mv pid.new pid; exec "$@"' sh ${quoted}`,
      'echo $? > code.new; stty -g > after; mv code.new code',
      // The terminal is kept open until the test has looked at it.
      'read end',
    ]
    writeFileSync(join(folder, 'run.sh'), `${lines.join('\n')}\n`)
    const child = spawn('script', ['-qefc', `sh ${folder}/run.sh`, '/dev/null'], {
      env: { ...process.env, TERM: 'xterm-256color', LANG: 'C.UTF-8', LC_ALL: '', NO_COLOR: '', ...environment },
    })
    guard(child)
    return new PseudoTerminal(child, folder, { rows, columns })
  }

  /** The lines of the screen. */
  get text(): string {
    return this.emulator.text
  }

  /** Sends keys as the terminal would send them. */
  type(text: string): void {
    this.#child.stdin.write(text)
  }

  /** Resizes the terminal; the program gets SIGWINCH. */
  async resize(box: Box): Promise<void> {
    const { rows, columns } = box
    const tty = await this.#kept('tty')
    this.emulator.resize(box)
    execFileSync('stty', ['-F', tty, 'rows', String(rows), 'cols', String(columns)])
  }

  /** Sends a signal to the program, not to the shell around it. */
  async signal(name: NodeJS.Signals): Promise<void> {
    process.kill(Number(await this.#kept('pid')), name)
  }

  /** Waits until the screen matches, and returns its lines. @throws AssertionError after half a minute, with the screen */
  until(wanted: RegExp): Promise<string> {
    return eventually(
      () => this.text,
      (text) => wanted.test(text),
      timeoutMs,
      () => `the screen does not show ${wanted}`,
    )
  }

  /** Waits until the program has ended, and checks that the terminal is as before. @returns the exit code */
  async ended(): Promise<number> {
    const code = Number(await this.#kept('code'))
    const [before, after] = await Promise.all([this.#kept('before'), this.#kept('after')])
    assert.equal(after, before, 'the terminal settings were not restored')
    await eventually(
      () => this.emulator.modes,
      (modes) => !modes.has('1049'),
      timeoutMs,
      () => 'the terminal still shows the other screen',
    )
    assert.deepEqual([...this.emulator.modes].toSorted(), ['25', '7'], 'cursor and wrapping were not restored')
    return code
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.signal('SIGKILL').catch(() => {})
    this.#child.stdin.end('\n')
    this.#child.kill('SIGKILL')
    await this.#closed
    rmSync(this.#folder, { recursive: true, force: true })
    release(this.#folder)
  }

  /** Content of a file that the script writes, as soon as it exists. */
  #kept(name: string): Promise<string> {
    const read = () => {
      try {
        return readFileSync(join(this.#folder, name), 'utf8').trim() || undefined
      } catch {
        return undefined
      }
    }
    return eventually(
      read,
      (text) => text !== undefined,
      timeoutMs,
      () => `${name} is not there; the screen shows:\n${this.text}`,
    )
  }
}
