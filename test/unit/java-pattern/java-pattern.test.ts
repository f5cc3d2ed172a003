// Java patterns. The comparison with java.util.regex is in test/integration/config-differential.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Failure } from '../../../src/base/failure.ts'
import { compileJavaPattern, compileJavaPatterns } from '../../../src/java-pattern/java-pattern.ts'

const accepts: readonly (readonly [pattern: string, yes: readonly string[], no: readonly string[]])[] = [
  ['.*', ['', 'orders'], ['a\nb']],
  ['a|ab', ['a', 'ab'], ['abc', 'b']],
  ['(?i)orders', ['ORDERS'], ['order']],
  ['x|(?i)y|z', ['x', 'Y', 'Z'], ['X']],
  ['(a(?i)b)c', ['aBc'], ['aBC']],
  ['\\Qa.b\\E.*', ['a.bc'], ['axbc']],
  ['[a-z&&[^b]]+', ['acd'], ['abc']],
  ['[^a[b]]', ['c'], ['a', 'b']],
  ['\\p{Alpha}\\p{Digit}', ['a1'], ['11', '\u00e91']],
  ['a*+a', [], ['a', 'aa']],
  ['(?>a|ab)c', ['ac'], ['abc']],
  ['(?:a|ab)++c', ['ac', 'aac'], ['abc']],
  ['.*(?<!-test)', ['orders'], ['orders-test']],
  ['^a$', ['a'], ['a\n', 'ab']],
  ['\\x{1f600}', ['\u{1f600}'], ['\ud83d']],
  ['[]a]', [']', 'a'], ['[']],
  ['a{2}{3}', ['aa'], ['aaaaaa']],
]

for (const [pattern, yes, no] of accepts) {
  test(`${pattern} matches the same whole names as in Java`, () => {
    const compiled = compileJavaPattern(pattern)
    assert.deepEqual(
      [...yes, ...no].filter((name) => compiled.test(name)),
      yes,
    )
  })
}

const refuses: readonly (readonly [pattern: string, reason: RegExp, remedy: RegExp])[] = [
  ['*\\..test', /nothing before \* to repeat/, /^write \.\*\\\.\.test$/],
  ['*', /nothing before/, /^write \.\*$/],
  ['orders|*.eu', /nothing before/, /^write orders\|\.\*\.eu$/],
  ['x{1', /not followed by a number/, /comma always separates/],
  ['(a', /has no closing/, /close it/],
  ['a)', /has no opening/, /\\\)/],
  ['[a', /has no closing/, /./],
  ['(a)\\1', /refers back/, /write out/],
  ['(?x)a b', /flag x/, /without/],
  ['(?iu)a', /case of all letters/, /remove the u/],
  ['\\p{InGreek}', /InGreek/, /list the characters/],
  ['a\\', /single backslash/, /./],
]

for (const [pattern, reason, remedy] of refuses) {
  test(`${pattern} is refused with a reason and a fix`, () => {
    assert.throws(
      () => compileJavaPattern(pattern),
      (error) =>
        error instanceof Failure &&
        error.code === 'CONFIG_INVALID' &&
        reason.test(error.message) &&
        remedy.test(error.remedy ?? ''),
    )
  })
}

test('the items of a list are one pattern: flags and parentheses continue after the comma', () => {
  assert.ok(compileJavaPatterns(['(?i)a', 'b']).test('B'))
  assert.ok(compileJavaPatterns(['x(a', 'b)']).test('xb'))
  assert.ok(compileJavaPatterns(['a', 'ab']).test('ab'))
  assert.ok(!compileJavaPatterns(['a', 'b']).test('ab'))
})

test('an empty list matches nothing, not even the empty name', () => {
  assert.ok(!compileJavaPatterns([]).test(''))
  assert.ok(!compileJavaPatterns([]).test('a'))
})

test('a list names the invalid item', () => {
  assert.throws(() => compileJavaPatterns(['a', '*b']), /the pattern \*b cannot be used/)
})

test('a quoted name matches only itself', () => {
  const name = fc.string({ maxLength: 12 }).filter((text) => !text.includes('\\E') && !text.endsWith('\\'))
  fc.assert(
    fc.property(name, name, (text, other) => {
      const compiled = compileJavaPattern(`\\Q${text}\\E`)
      assert.ok(compiled.test(text))
      assert.equal(compiled.test(other), other === text)
    }),
  )
})

test('any text is translated or refused with a Failure', () => {
  const pieces = fc.constantFrom(
    '(',
    ')',
    '[',
    ']',
    '*',
    '+',
    '?',
    '{',
    '}',
    '1',
    ',',
    '\\',
    'Q',
    'E',
    'p',
    'a',
    '-',
    '^',
    '&&',
    '|',
    '<',
    '=',
    '!',
    ':',
    'x',
    'u',
  )
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 14 }), (parts) => {
      try {
        assert.equal(typeof compileJavaPattern(parts.join('')).test('a'), 'boolean')
      } catch (error) {
        assert.ok(error instanceof Failure, String(error))
      }
    }),
    { numRuns: 3000 },
  )
})
