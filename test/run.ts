// Runs tests on real brokers: `bin/node24 test/run.ts ARGUMENTS OF node --test`. A file with a failed test is run once more and
// then listed: two cores run the brokers, Java's clients and godwit, and some waits were too short there. test:faults does not
// use this program: its tests count records after faults, and one failure in twenty runs is a finding.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import type { FileResult } from './harness/file-results.ts'

const SLOWEST = 8
const folder = mkdtempSync(join(tmpdir(), 'godwit-tests-'))
const harness = (name: string) => new URL(`harness/${name}`, import.meta.url).href

/** A test, hook or file that never ends fails at a limit. Otherwise the whole run would wait for ever. */
const limits = ['--test-timeout=600000', `--import=${harness('end.ts')}`]

/** Runs `node --test`. @returns its exit code, and the result of each file */
function run(name: string, args: readonly string[]): { code: number; results: readonly FileResult[] } {
  const report = join(folder, name)
  const reporters = [
    ...['--test-reporter=spec', '--test-reporter-destination=stdout'],
    ...[`--test-reporter=${harness('file-results.ts')}`, `--test-reporter-destination=${report}`],
  ]
  const env = { GODWIT_TEST_FILE_MINUTES: '15', ...process.env }
  const { status } = spawnSync(process.execPath, ['--test', ...limits, ...reporters, ...args], {
    stdio: 'inherit',
    env,
  })
  const lines = existsSync(report) ? readFileSync(report, 'utf8').trim().split('\n') : []
  return { code: status ?? 1, results: lines.filter(Boolean).map((text) => JSON.parse(text) as FileResult) }
}

const failedFiles = (results: readonly FileResult[]) => [
  ...new Set(results.filter(({ passed }) => !passed).map(({ file }) => relative(process.cwd(), file))),
]

function printSlowest(results: readonly FileResult[]): void {
  const timed = results.flatMap(({ file, durationMs }) => (durationMs === null ? [] : [{ file, durationMs }]))
  const slowest = timed.toSorted((a, b) => b.durationMs - a.durationMs).slice(0, SLOWEST)
  console.log('\nThe slowest files:')
  for (const { file, durationMs } of slowest)
    console.log(`  ${(durationMs / 1000).toFixed(0).padStart(4)} s  ${relative(process.cwd(), file)}`)
}

const first = run('first', process.argv.slice(2))
printSlowest(first.results)
let { code } = first
const failed = failedFiles(first.results)
if (code !== 0 && failed.length > 0) {
  console.log(`\nThese files are run once more:\n  ${failed.join('\n  ')}\n`)
  const options = process.argv.slice(2).filter((word) => word.startsWith('--') && !word.includes('concurrency'))
  const second = run('second', [...options, '--test-concurrency=1', ...failed])
  code = second.code
  const still = failedFiles(second.results)
  const late = failed.filter((file) => !still.includes(file))
  if (late.length > 0) console.log(`\nPassed at the second try only, see what they said above:\n  ${late.join('\n  ')}`)
}
rmSync(folder, { recursive: true, force: true })
process.exitCode = code
