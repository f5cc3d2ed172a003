// test/run.ts with test files that fail in ways that once made a whole run wait for ever.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'

let folder = ''
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'godwit-run-'))
})
after(() => rmSync(folder, { recursive: true, force: true }))

/** Runs test/run.ts with one file of this content. */
async function runOn(name: string, lines: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const file = join(folder, name)
  const imports = [
    "import { after, before, test } from 'node:test'",
    "import { existsSync, writeFileSync } from 'node:fs'",
    "import { spawn } from 'node:child_process'",
    "const child = () => spawn('sleep', ['300'], { stdio: ['pipe', 'pipe', 'ignore'] })",
    `const again = existsSync('${file}.once')`,
    `writeFileSync('${file}.once', '')`,
  ]
  writeFileSync(file, [...imports, ...lines].join('\n'))
  const { NODE_TEST_CONTEXT: _, ...inherited } = process.env
  const run = spawn(process.execPath, ['test/run.ts', file], { env: { ...inherited, ...env } })
  let out = ''
  run.stdout.on('data', (data) => (out += String(data)))
  run.stderr.on('data', (data) => (out += String(data)))
  const code = await new Promise<number | null>((resolve) => run.once('close', resolve))
  return { code, out }
}

test('a hook that fails with a running child process fails the file, and the run ends', async () => {
  const { code, out } = await runOn(
    'hook.test.mjs',
    ["before(() => { child(); throw new Error('no broker') })", "test('one', () => {})"],
    { GODWIT_TEST_PATIENCE_MS: '500' },
  )
  assert.equal(code, 1, out)
  assert.match(out, /hook\.test\.mjs is kept alive after its last test by .*ProcessWrap/)
  assert.match(out, /These files are run once more:\n {2}\S*hook\.test\.mjs/)
})

test('a file that waits for ever before its first test fails at the limit', async () => {
  const lines = ['child()', 'await new Promise(() => {})', "test('one', () => {})"]
  const { code, out } = await runOn('waits.test.mjs', lines, { GODWIT_TEST_FILE_MINUTES: '0.03' })
  assert.equal(code, 1, out)
  assert.match(out, /waits\.test\.mjs has not ended after 0\.03 minutes/)
})

test('a file that passes at the second try is listed, and all its tests have run again', async () => {
  const { code, out } = await runOn('second.test.mjs', [
    "test('begins', () => {})",
    "test('ends', () => { if (!again) throw new Error('too soon') })",
  ])
  assert.equal(code, 0, out)
  assert.match(out, /Passed at the second try only, see what they said above:\n {2}\S*second\.test\.mjs/)
  assert.equal(out.match(/✔ begins/g)?.length, 2)
})
