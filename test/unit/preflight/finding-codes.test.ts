// Every finding code has a case: a scene on real clusters that follows its remedy, or a unit test and the reason why there is no
// scene.
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { findingCodes } from '../../../src/preflight/finding.ts'
import { cases, codesOf, type Scene } from '../../e2e/check/cases.ts'

const root = join(import.meta.dirname, '../../..')
const codes = Object.keys(findingCodes).toSorted()

test('every code of the table is used by a check, and no check uses another', () => {
  const folder = join(root, 'src/preflight/checks')
  // Errors in the file itself are found before any cluster is asked.
  const files = [...readdirSync(folder).map((name) => join(folder, name)), join(root, 'src/cli/commands/check.ts')]
  const sources = files.map((file) => readFileSync(file, 'utf8'))
  for (const code of codes)
    assert.ok(
      sources.some((text) => text.includes(`'${code}'`)),
      `${code} is never found`,
    )
})

test('every finding is provoked on real clusters or has its own unit test', () => {
  assert.deepEqual(Object.keys(cases).toSorted(), codes)
  const units = readFileSync(join(import.meta.dirname, 'checks.test.ts'), 'utf8')
  for (const [code, one] of Object.entries(cases)) {
    if (typeof one === 'string')
      assert.ok(existsSync(join(root, `test/e2e/check/remedies-${one}.test.ts`)), `${code}: there is no scene ${one}`)
    else assert.ok(units.includes(`test('${one.unit}'`), `${code}: there is no unit test '${one.unit}'`)
  }
})

test('a scene follows exactly its findings', () => {
  const scenes = new Set(Object.values(cases).filter((one): one is Scene => typeof one === 'string'))
  for (const scene of scenes) assert.ok(codesOf(scene).length > 0)
})
