// The names and prefixes that cover the patterns of a list, as ACLs need them.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { namePatterns } from '../../../src/base/name-patterns.ts'
import { compileJavaPatterns } from '../../../src/java-pattern/java-pattern.ts'
import { matchesAny } from '../../../src/mirror/topic-selection.ts'

const shown = (...list: readonly string[]) =>
  namePatterns([compileJavaPatterns(list)]).map(({ name, patternType }) =>
    patternType === 'prefix' ? `${name}...` : name,
  )

test('names stay names, patterns with a fixed start become prefixes, others the narrowest that covers them', () => {
  assert.deepEqual(shown('orders', 'pay.*'), ['orders', 'pay...'])
  assert.deepEqual(shown('a\\.b', 'c[xy]', 'd(e|f)g'), ['a.b', 'c...', 'd...'])
  assert.deepEqual(shown('ab?c', 'xy{2}'), ['a...', 'x...'])
  assert.deepEqual(shown('x+'), ['*'])
})

test('a list that matches everything, or ignores case, becomes a pattern for everything', () => {
  assert.deepEqual(shown('.*'), ['*'])
  assert.deepEqual(shown('orders', '.*-log'), ['*'])
  assert.deepEqual(shown('(?i)orders'), ['*'])
})

test('a pattern that a wider one covers is left out', () => {
  assert.deepEqual(shown('pay.*', 'pay-in', 'pay-.*', 'orders', 'orders'), ['pay...', 'orders'])
})

test('an empty list gives no patterns', () => {
  assert.deepEqual(shown(), [])
})

test('every name that a list matches is covered', () => {
  const part = fc.constantFrom('a', 'b', '.', '.*', '\\.', '[ab]', '(a|b)', 'a?', 'b*', '-', '_', 'c{2}')
  const pattern = fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join(''))
  const name = fc.array(fc.constantFrom('a', 'b', 'c', '.', '-', '_'), { minLength: 1, maxLength: 5 })
  fc.assert(
    fc.property(fc.array(pattern, { minLength: 1, maxLength: 3 }), name, (list, letters) => {
      const [compiled, topic] = [compileJavaPatterns(list), letters.join('')]
      if (!matchesAny([compiled], topic)) return
      const isCovered = namePatterns([compiled]).some((one) =>
        one.patternType === 'prefix' ? topic.startsWith(one.name) : one.name === '*' || one.name === topic,
      )
      assert.ok(isCovered, `${topic} of ${list.join(', ')}`)
    }),
    { numRuns: 2000 },
  )
})
