// `npm run demo`: a whole migration between two real Kafka clusters on this machine, with progress and comparison.
// Command line, signals and exit code; the steps are in migration.ts.
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { sentenceOf } from '../src/base/failure.ts'
import { findKafka, startClusters } from './clusters.ts'
import { howToReach, migrate } from './migration.ts'
import { Interrupted } from './problem.ts'
import { screenFor } from './screen.ts'
import { duration } from './table.ts'

const usage = `\
npm run demo [-- OPTIONS]   migrates topics with live traffic from one real Kafka cluster to another and compares both

  --keep             leave both clusters up at the end, until Ctrl-C, and print how to reach them
  --godwit PROGRAM   use this godwit instead of bin/godwit of this checkout
  --help             print this text

Needs a JDK 17 or newer and Maven, which downloads Apache Kafka once; with KAFKA_HOME an installed Kafka is used instead.
Exit codes: 0 every record is equal; 1 records differ or a step failed; 64 wrong option; 130 interrupted by Ctrl-C.`

interface Options {
  readonly keep: boolean
  readonly godwit: string
}

/** The whole demo; everything that it started is stopped when this returns or throws. True when every record is equal. */
async function demo(options: Options, signal: AbortSignal): Promise<boolean> {
  const started = performance.now()
  const screen = screenFor(process.stdout)
  const say = (sentence: string) => screen.say(`${duration(performance.now() - started).padStart(7)}  ${sentence}`)
  signal.addEventListener('abort', () => say('interrupted: stopping everything'), { once: true })

  const platform = await findKafka(say, signal)
  await using clusters = new AsyncDisposableStack()
  const directory = mkdtempSync(join(tmpdir(), 'godwit-demo-'))
  const removeDirectory = () => rmSync(directory, { recursive: true, force: true, maxRetries: 5 })
  clusters.defer(removeDirectory)
  // In case the process ends before the clean-up is complete; the harness then kills its brokers.
  process.once('exit', removeDirectory)
  say('starting the old cluster (one broker) and the new one (three brokers)')
  const [old, fresh] = await startClusters(directory, clusters, signal)
  say(`old: ${old.bootstrap}   new: ${fresh.bootstrap}`)

  let equal: boolean
  {
    await using stack = new AsyncDisposableStack()
    equal = await migrate({ ...options, platform, directory, screen, say, signal, stack }, old, fresh)
  }
  if (options.keep) await keep(howToReach(platform, [old, fresh], directory), signal)
  return equal
}

/** Prints the lines without wrapping, so that commands can be copied, and waits for Ctrl-C. */
async function keep(directions: readonly string[], signal: AbortSignal): Promise<void> {
  for (const line of ['', 'both clusters are still running:', ...directions]) process.stdout.write(`${line}\n`)
  if (!signal.aborted) await once(signal, 'abort')
}

function readOptions(): Options | 'help' {
  const { values } = parseArgs({
    options: { keep: { type: 'boolean' }, godwit: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
  })
  if (values.help) return 'help'
  return { keep: values.keep ?? false, godwit: values.godwit ?? join(import.meta.dirname, '../bin/godwit') }
}

/** The first Ctrl-C or SIGTERM ends the demo with clean-up, a second one at once; the exit code is 128 + signal number. */
function signalsOf(): { readonly signal: AbortSignal; exitCode(): number } {
  const controller = new AbortController()
  let code = 0
  let first = 0
  const on = (name: NodeJS.Signals, number: number) =>
    process.on(name, () => {
      // npm forwards a Ctrl-C that the terminal has already sent to the process group: this duplicate is not a second Ctrl-C.
      if (first > 0 && performance.now() - first > 1000) process.exit(code)
      first ||= performance.now()
      code ||= 128 + number
      controller.abort()
    })
  on('SIGINT', 2)
  on('SIGTERM', 15)
  on('SIGHUP', 1)
  return { signal: controller.signal, exitCode: () => code }
}

/** The original error, if the clean-up after it failed too. */
function firstOf(error: unknown): unknown {
  return error instanceof SuppressedError ? firstOf(error.suppressed) : error
}

function printError(error: unknown): void {
  process.stderr.write(`\nThe demo stopped: ${sentenceOf(error)}\n`)
}

async function main(): Promise<number> {
  let options: Options | 'help'
  try {
    options = readOptions()
  } catch (error) {
    process.stderr.write(`${sentenceOf(error)}\n\n${usage}\n`)
    return 64
  }
  if (options === 'help') {
    process.stdout.write(`${usage}\n`)
    return 0
  }
  const signals = signalsOf()
  try {
    return (await demo(options, signals.signal)) ? 0 : 1
  } catch (thrown) {
    const error = firstOf(thrown)
    if (error instanceof Interrupted) return signals.exitCode()
    printError(error)
    return 1
  }
}

process.exit(await main())
