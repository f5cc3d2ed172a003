// The demo as a newcomer runs it: a whole migration between real clusters, its verdict, and that nothing stays behind.
// Each run has a temporary folder and an environment mark of its own, by which everything it started can be found.
import assert from 'node:assert/strict'
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { sleep } from '../../src/base/retry.ts'

const root = join(import.meta.dirname, '../..')
const wholeDemoMs = 240_000

class DemoRun {
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

  /** Waits until the demo has printed something like `pattern`. */
  async prints(pattern: RegExp): Promise<void> {
    const deadline = Date.now() + wholeDemoMs
    while (!pattern.test(this.out)) {
      assert.ok(Date.now() < deadline && this.#child.exitCode === null, `no ${pattern} in:\n${this.out}${this.errors}`)
      await sleep(50)
    }
  }

  interrupt(): void {
    this.#child.kill('SIGINT')
  }

  /** Every process that has this run's mark in its environment, the demo's own included. */
  processes(): number[] {
    return processesWith(this.mark)
  }

  leftFiles(): string[] {
    // The JVM's own bookkeeping of running processes is not the demo's.
    return readdirSync(this.temporary).filter((name) => !name.startsWith('hsperfdata'))
  }

  /** Everything is gone, or is about to: a process that was killed takes a moment to vanish. */
  async assertNothingLeft(): Promise<void> {
    const deadline = Date.now() + 10_000
    while (this.processes().length > 0 && Date.now() < deadline) await sleep(50)
    assert.deepEqual(this.processes().map(commandOf), [])
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

/** A process may end while it is looked at. */
function readOrNothing(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}

/** The rows of the comparison: topic -> its cells. */
function comparisonOf(out: string): Map<string, string[]> {
  const lines = out.slice(out.search(/^topic +partitions +records +equal/m)).split('\n')
  const rows = lines.slice(2, lines.indexOf('')).map((line) => line.split(/ {2,}/))
  return new Map(rows.map(([topic = '', ...cells]) => [topic, cells]))
}

/** topic -> partitions of the estate that issue and guide ask for */
const estate = {
  customers: 3,
  deliveries: 2,
  'driver-pings': 2,
  'kitchen-log': 2,
  'menu-photos': 2,
  'night-menu': 2,
  'order-events': 4,
  'orders-2019': 3,
  payments: 3,
  'pizza-orders': 6,
  promotions: 2,
  receipts: 2,
}

test('the demo migrates a live estate, finds every record equal, and leaves nothing behind', async (t) => {
  const run = new DemoRun(t, [])
  assert.equal(await run.exitCode(), 0, run.out + run.errors)
  assert.match(run.out, /in sync, [\d.]+ s after godwit was started/)
  assert.match(run.out, /^pizza-orders: 6 partitions, [\d,]+ records, .+ records\/s, .+\/s, lag [\d,]+, ETA /m)
  assert.match(run.out, /ended with exit code 0/)
  const rows = comparisonOf(run.out)
  assert.deepEqual([...rows.keys()].toSorted(), Object.keys(estate).toSorted())
  for (const [topic, partitions] of Object.entries(estate)) {
    const [count, records, equal, ...rest] = rows.get(topic) ?? []
    assert.deepEqual([count, equal, ...rest], [String(partitions), records, '0', '0', '0', 'kept'], topic)
    assert.equal(records === '0', topic === 'promotions', `${topic} has ${records} records`)
  }
  assert.match(run.out, /EQUAL: all [\d,]+ records in 33 partitions of 12 topics are the same/)
  assert.equal(run.errors, '')
  await run.assertNothingLeft()
})

test('with --keep both clusters stay reachable until Ctrl-C', async (t) => {
  const run = new DemoRun(t, ['--keep'])
  await run.prints(/^stop +press Ctrl-C/m)
  assert.match(run.out, /EQUAL: all/)
  const commands = [...run.out.matchAll(/^read +(java .+)$/gm)].map(([, command = '']) => command)
  assert.equal(commands.length, 2)
  for (const command of commands) {
    assert.match(
      execFileSync('sh', ['-c', command], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
      /"pizza":/,
    )
  }
  run.interrupt()
  assert.equal(await run.exitCode(), 0, run.out + run.errors)
  await run.assertNothingLeft()
})

for (const [moment, line] of [
  ['the clusters start', /starting the old cluster/],
  ['the old cluster is filled', /pizza-orders +6 partitions/],
  ['godwit copies', /godwit run /],
] as const) {
  test(`Ctrl-C while ${moment} stops everything and leaves nothing behind`, async (t) => {
    const run = new DemoRun(t, [])
    await run.prints(line)
    run.interrupt()
    assert.equal(await run.exitCode(), 130, run.out + run.errors)
    assert.match(run.out, /interrupted: stopping everything/)
    assert.equal(run.errors, '')
    await run.assertNothingLeft()
  })
}

test('a godwit that does not start is told with its last words', async (t) => {
  const run = new DemoRun(t, ['--godwit', '/bin/false'])
  assert.equal(await run.exitCode(), 1)
  assert.match(run.errors, /The demo stopped: godwit ended by itself with 1/)
  await run.assertNothingLeft()
})

test('a missing JDK is named with its remedy, without a stack trace', async (t) => {
  const run = new DemoRun(t, [], { PATH: '', JAVA_HOME: '' })
  assert.equal(await run.exitCode(), 1)
  assert.match(run.errors, /The demo stopped: A Java Development Kit 17 or newer is needed; .+ Install one/)
  assert.doesNotMatch(run.errors, /^\s+at /m)
  await run.assertNothingLeft()
})

test('an unknown option is refused with the usage', async (t) => {
  const run = new DemoRun(t, ['--kep'])
  assert.equal(await run.exitCode(), 64)
  assert.match(run.errors, /'--kep'[\s\S]+--keep +leave both clusters up/)
})
