// `npm run demo`: a whole migration between two real Kafka clusters on this machine, watched and verified.
// Owns the command line, the signals and the exit code; the story is in migration.ts.
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
npm run demo [-- OPTIONS]   migrates a live estate from one real Kafka cluster to another and compares both

  --keep             leave both clusters up at the end, until Ctrl-C, and say how to reach them
  --godwit PROGRAM   migrate with another godwit than bin/godwit of this checkout
  --help             this text

Needs a JDK 17 or newer and Maven, which fetches Apache Kafka once; with KAFKA_HOME an installed Kafka is used instead.
Exit codes: 0 every record is equal; 1 something differs or went wrong; 64 wrong option; 130 interrupted by Ctrl-C.`

interface Options {
  readonly keep: boolean
  readonly godwit: string
}

/** The whole demo; everything it started is stopped when this returns or throws. */
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
  // When patience ends before the clean-up does; the harness kills its brokers then.
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

/** The lines are printed as they are: a command that is broken in two could not be pasted. */
async function keep(directions: readonly string[], signal: AbortSignal): Promise<void> {
  for (const line of ['', 'both clusters stay up:', ...directions]) process.stdout.write(`${line}\n`)
  if (!signal.aborted) await once(signal, 'abort')
}

function readOptions(): Options | 'help' {
  const { values } = parseArgs({
    options: { keep: { type: 'boolean' }, godwit: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
  })
  if (values.help) return 'help'
  return { keep: values.keep ?? false, godwit: values.godwit ?? join(import.meta.dirname, '../bin/godwit') }
}

/** Ctrl-C and SIGTERM end the demo in order, a second one at once; the exit code follows the shell's custom. */
function signalsOf(): { readonly signal: AbortSignal; exitCode(): number } {
  const controller = new AbortController()
  let code = 0
  let first = 0
  const on = (name: NodeJS.Signals, number: number) =>
    process.on(name, () => {
      // npm passes on a Ctrl-C that the terminal has already sent to everybody: the same one twice is no impatience.
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

/** What went wrong first, where the clean-up after it went wrong too. */
function firstOf(error: unknown): unknown {
  return error instanceof SuppressedError ? firstOf(error.suppressed) : error
}

function complain(error: unknown): void {
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
    complain(error)
    return 1
  }
}

process.exit(await main())
