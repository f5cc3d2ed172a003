// One run of the demo: its output, its exit, and every process it started, found by a marker in the environment.
import assert from 'node:assert/strict'
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { eventually } from '../harness/eventually.ts'

const root = join(import.meta.dirname, '../..')
const wholeDemoMs = 240_000

export class DemoRun {
  readonly mark = `GODWIT_DEMO_TEST=${randomUUID()}`
  readonly temporary = mkdtempSync(join(tmpdir(), 'godwit-demo-test-'))
  readonly #child: ChildProcess
  out = ''
  errors = ''

  constructor(t: TestContext, args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
    const [name = '', value = ''] = this.mark.split('=')
    this.#child = spawn(process.execPath, [join(root, 'demo/main.ts'), ...args], {
      env: { ...process.env, TMPDIR: this.temporary, [name]: value, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.out += text))
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.errors += text))
    t.after(() => this.#sweep())
  }

  async exitCode(): Promise<number | string> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, 'close')
    return this.#child.exitCode ?? this.#child.signalCode ?? 'none'
  }

  /** Waits until the output of the demo matches `pattern`. */
  async prints(pattern: RegExp): Promise<void> {
    const isThere = (out: string) => pattern.test(out)
    await eventually(
      () => {
        if (!isThere(this.out)) assert.equal(this.#child.exitCode, null, `it ended:\n${this.out}${this.errors}`)
        return this.out
      },
      isThere,
      wholeDemoMs,
      () => `no ${pattern}\n${this.errors}`,
    )
  }

  interrupt(): void {
    this.#child.kill('SIGINT')
  }

  /** Every process with the marker of this run in its environment, including the demo itself. */
  processes(): number[] {
    return processesWith(this.mark)
  }

  leftFiles(): string[] {
    // hsperfdata belongs to the JVM, not to the demo.
    return readdirSync(this.temporary).filter((name) => !name.startsWith('hsperfdata'))
  }

  /** Checks that no process is left. A killed process may take a moment to disappear. */
  async assertNothingLeft(): Promise<void> {
    await eventually(
      () => this.processes().map(commandOf),
      ({ length }) => length === 0,
      10_000,
    )
    assert.deepEqual(this.leftFiles(), [])
  }

  #sweep(): void {
    for (const pid of this.processes()) process.kill(pid, 'SIGKILL')
    rmSync(this.temporary, { recursive: true, force: true, maxRetries: 5 })
  }
}

function processesWith(mark: string): number[] {
  if (!existsSync('/proc/self/environ')) {
    const lines = execFileSync('ps', ['eww', '-ax', '-o', 'pid=,command='], { encoding: 'utf8', maxBuffer: 1e8 }).split(
      '\n',
    )
    return lines.filter((line) => line.includes(mark)).map((line) => Number.parseInt(line, 10))
  }
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return pids.filter((pid) => readOrNothing(`/proc/${pid}/environ`).includes(mark)).map(Number)
}

function commandOf(pid: number): string {
  return readOrNothing(`/proc/${pid}/cmdline`).replaceAll('\0', ' ') || String(pid)
}

/** A process may end while its files are read. */
function readOrNothing(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}
