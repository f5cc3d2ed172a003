// The syntax of properties files. The comparison with Java itself is in test/integration/config-differential.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Failure } from '../../../src/base/failure.ts'
import { parseProperties } from '../../../src/config/dialects/properties.ts'

const pairs = (text: string) => parseProperties(text, 'f').map(({ key, value }) => [key, value])
const only = (text: string) => {
  const [first = []] = pairs(text)
  return first
}

test('a value keeps its trailing blanks and what looks like a comment', () => {
  assert.deepEqual(only('clusters = old , new '), ['clusters', 'old , new '])
  assert.deepEqual(only('old->new.enabled = true '), ['old->new.enabled', 'true '])
  assert.deepEqual(only('old->new.topics=foo.*  # comment'), ['old->new.topics', 'foo.*  # comment'])
})

test('escapes are resolved, and a backslash before any other letter is removed', () => {
  assert.deepEqual(only('u=\\u0041\\tb\\\\.c'), ['u', 'A\tb\\.c'])
  assert.deepEqual(only('x\\:y = 1'), ['x:y', '1'])
  assert.deepEqual(only('topics.exclude = .*[\\-\\.]internal'), ['topics.exclude', '.*[-.]internal'])
})

test('a key ends at the first equals sign, colon or blank', () => {
  assert.deepEqual(only('topics: x'), ['topics', 'x'])
  assert.deepEqual(only('foo bar baz'), ['foo', 'bar baz'])
  assert.deepEqual(only('foo'), ['foo', ''])
})

test('a continued line starts after the white space of the next one, and an empty line ends it', () => {
  assert.deepEqual(pairs('long = a,\\\n   b'), [['long', 'a,b']])
  assert.deepEqual(pairs('long = a,\\\n\nb=c'), [
    ['long', 'a,'],
    ['b', 'c'],
  ])
  assert.deepEqual(pairs('a = x\\\\\nb = y'), [
    ['a', 'x\\'],
    ['b', 'y'],
  ])
})

test('CR, LF and CR LF each count as one line end, and an entry has its first line', () => {
  const text = '# one\r\na = 1\r\rb = \\\n  2\n! five\n\nc = 3'
  assert.deepEqual(
    parseProperties(text, 'f').map(({ key, line }) => [key, line]),
    [
      ['a', 2],
      ['b', 4],
      ['c', 8],
    ],
  )
})

test('a duplicated key is returned twice, in the order of the file', () => {
  assert.deepEqual(pairs('a=1\na=2'), [
    ['a', '1'],
    ['a', '2'],
  ])
})

test('an escaped dollar sign is kept distinct from a plain one', () => {
  const [{ value, literalDollars } = { value: '', literalDollars: [] }] = parseProperties('a = $x\\$y\\u0024z', 'f')
  assert.deepEqual([value, literalDollars], ['$x$y$z', [2]])
})

test('a malformed Unicode escape names its line', () => {
  for (const bad of ['\\u12', '\\u', '\\u00g0']) {
    assert.throws(
      () => parseProperties(`a=1\n\nb = ${bad}`, 'f'),
      (error) => error instanceof Failure && error.code === 'CONFIG_INVALID' && error.circumstances.line === 3,
    )
  }
})

/** Writes a text as java.util.Properties.store does, so that every reader must return the same text. */
const stored = (text: string, isKey: boolean) =>
  Array.from({ length: text.length }, (_, at) => text.charAt(at))
    .map((c, at) => {
      const code = c.charCodeAt(0)
      if (code < 0x20 || code > 0x7e) return `\\u${code.toString(16).padStart(4, '0')}`
      return /[=:#!\\]/.test(c) || (c === ' ' && (isKey || at === 0)) ? `\\${c}` : c
    })
    .join('')

test('stored entries are read back unchanged', () => {
  const text = fc.string({
    unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
    maxLength: 20,
  })
  fc.assert(
    fc.property(fc.array(fc.tuple(text, text), { maxLength: 5 }), (entries) => {
      const written = entries.map(([key, value]) => `${stored(key, true)}=${stored(value, false)}`).join('\n')
      assert.deepEqual(pairs(written), entries)
    }),
  )
})

test('any text is read or refused with a Failure', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('\\', 'u', '0', '=', ' ', '\n', '\r', '#', 'a') }), (text) => {
      try {
        for (const { line } of parseProperties(text, 'f')) assert.ok(line >= 1)
      } catch (error) {
        assert.ok(error instanceof Failure)
      }
    }),
  )
})
