// Every failure code has a case: a scene on real clusters that follows its printed remedy, another such test, or the reason why
// there is no remedy.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { failures } from '../../../src/base/failure.ts'
import { failureCases } from '../../e2e/failures/cases.ts'

const root = join(import.meta.dirname, '../../..')
const textOf = (path: string) => readFileSync(join(root, path), 'utf8')

test('the remedy of every failure is followed by a test that exists', () => {
  assert.deepEqual(Object.keys(failureCases).toSorted(), Object.keys(failures).toSorted())
  for (const [code, one] of Object.entries(failureCases)) {
    if (typeof one === 'string') {
      const scene = textOf(`test/e2e/failures/${one}.test.ts`)
      assert.match(scene, new RegExp(`^ *test\\(['"]${code}: `, 'm'), `the scene ${one} has no test for ${code}`)
    } else if ('test' in one)
      assert.ok(textOf(one.test).includes(`test('${one.title}'`), `${code}: ${one.test} has no test '${one.title}'`)
    else assert.ok(one.why.length > 20, code)
  }
})
