// Runs tests on real brokers: `bin/node24 test/run.ts ARGUMENTS OF node --test`. A test that fails is tried once more, and
// said to have needed it: two cores carry the brokers, Java's clients and godwit, and some waits have been too short there.
// Tests that count what survives a fault are not run with this (test:faults): one failure in twenty would be a finding.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

type Attempt = Readonly<Record<string, { readonly name: string; readonly passed_on_attempt?: number }>>

const folder = mkdtempSync(join(tmpdir(), 'godwit-tests-'))
const state = join(folder, 'attempts.json')
const end = new URL('harness/end.ts', import.meta.url).href

/** One run over all the tests; those that have passed are not run again. @returns the exit code */
function run(): number {
  const args = ['--test', `--import=${end}`, `--test-rerun-failures=${state}`, ...process.argv.slice(2)]
  return spawnSync(process.execPath, args, { stdio: 'inherit' }).status ?? 1
}

function passedAgain(): string[] {
  if (!existsSync(state)) return []
  const attempts = JSON.parse(readFileSync(state, 'utf8')) as Attempt[]
  return Object.entries(attempts.at(-1) ?? {}).flatMap(([place, test]) =>
    test.passed_on_attempt === 1 ? [`${place} ${test.name}`] : [],
  )
}

let code = run()
if (code !== 0) {
  console.log('\nThe tests that failed are tried once more.\n')
  code = run()
  const late = passedAgain()
  if (late.length > 0) console.log(`\nPassed at the second try only, see what they said above:\n  ${late.join('\n  ')}`)
}
rmSync(folder, { recursive: true, force: true })
process.exitCode = code
