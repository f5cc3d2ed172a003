import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { countWithin } from '../../../src/cli/output/quantities.ts'
import { headOf, layoutOf, rowLines, type ScreenColumn } from '../../../src/cli/screen/columns.ts'
import { type Key, keysOf } from '../../../src/cli/screen/keys.ts'
import {
  cut,
  lineWidth,
  padded,
  printable,
  renderedSpans,
  shortened,
  spread,
  type TerminalFeatures,
  widthOf,
  wrapped,
} from '../../../src/cli/screen/spans.ts'
import { terminalFeatures } from '../../../src/cli/status/terminal-looks.ts'

const plain: TerminalFeatures = { colours: false, unicode: true }
const ascii: TerminalFeatures = { colours: false, unicode: false }

test('control characters in names never reach the terminal', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.boolean(), (text, unicode) => {
      assert.doesNotMatch(renderedSpans([{ text }], 80, { colours: false, unicode }), /\p{Cc}/u)
    }),
  )
  assert.equal(printable('a\u001b[2Jb\u202e\u200bc'), 'a?[2Jbc')
  assert.equal(printable('grün→', false), 'gr?n?')
})

test('no rendered line is wider than the terminal, whatever characters it contains', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme' })), fc.nat(50), (texts, width) => {
      const line = renderedSpans(
        texts.map((text) => ({ text })),
        width,
        plain,
      )
      assert.ok(widthOf(line) <= width)
    }),
  )
})

test('colours are used only if requested, and are reset at their end', () => {
  const line = [{ text: 'all ' }, { text: 'bad', style: 'bad' }] as const
  assert.equal(renderedSpans(line, 80, { colours: true, unicode: true }), 'all \u001b[1;31mbad\u001b[0m')
  assert.equal(renderedSpans(line, 80, plain), 'all bad')
  assert.equal(renderedSpans(line, 5, { colours: true, unicode: true }), 'all \u001b[1;31mb\u001b[0m')
  assert.equal(renderedSpans(line, 4, { colours: true, unicode: true }), 'all ')
})

test('wide characters take two columns, combining characters none', () => {
  assert.deepEqual(['abc', '注文', 'e\u0301', '🍕', '\u{20000}', 'ｱ', '©↔'].map(widthOf), [3, 4, 1, 2, 2, 1, 2])
  assert.equal(cut('注文', 3), '注')
  assert.equal(padded('注', 4), '注  ')
  assert.equal(padded('7', 3, 'right'), '  7')
})

test('the middle of a name that is too long is left out', () => {
  assert.equal(shortened('orders.eu-west.invoices-v2', 13, plain), 'orders…ces-v2')
  assert.equal(shortened('orders.eu-west.invoices-v2', 13, ascii), 'orders~ces-v2')
  assert.equal(shortened('orders', 6, plain), 'orders')
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.nat(30), (text, width) => {
      assert.ok(widthOf(shortened(text, width, plain)) <= width)
    }),
  )
})

test('words are wrapped at blanks, a word wider than a line is split, and nothing is lost', () => {
  assert.deepEqual(wrapped('the target does not answer', 10), ['the target', 'does not', 'answer'])
  assert.deepEqual(wrapped('host-1.example.com is away', 8), ['host-1.e', 'xample.c', 'om is', 'away'])
  fc.assert(
    fc.property(fc.string(), fc.integer({ min: 2, max: 40 }), (text, width) => {
      const lines = wrapped(text, width)
      assert.ok(lines.every((line) => widthOf(line) <= width))
      assert.equal(lines.join('').replaceAll(/\s/g, ''), text.replaceAll(/\s/g, ''))
    }),
  )
})

test('the right part of a line is aligned to the edge, or left out', () => {
  const text = (line: readonly { text: string }[]) => line.map((span) => span.text).join('')
  assert.equal(text(spread([{ text: 'ab' }], [{ text: 'yz' }], 8)), 'ab    yz')
  assert.equal(text(spread([{ text: 'ab' }], [{ text: 'yz' }], 4)), 'ab')
})

interface Row {
  readonly name: string
  readonly amount: number
}
const columns: ScreenColumn<Row>[] = [
  { title: 'NAME', alignment: 'left', width: 6, rank: 0, grows: true, sort: 'name', cell: ({ name }) => name },
  { title: 'AMOUNT', alignment: 'right', width: 7, rank: 0, sort: 'lag', cell: ({ amount }) => countWithin(amount, 7) },
  { title: 'TWICE', alignment: 'right', width: 7, rank: 2, cell: ({ amount }) => countWithin(2 * amount, 7) },
  { title: 'WORDS', alignment: 'left', width: 8, rank: 1, wraps: true, cell: ({ name }) => `all about ${name}` },
]
const lines = (width: number, row: Row, longest = 6) =>
  rowLines(layoutOf(columns, { width, longest, features: plain }), row).map((line) =>
    renderedSpans(line, width, plain).trimEnd(),
  )
const head = (width: number, sort?: string, longest = 6) =>
  renderedSpans(headOf(layoutOf(columns, { width, longest, features: plain }), sort), width, plain).trimEnd()

test('on a narrow terminal the least important columns are left out, and required ones stay', () => {
  assert.equal(head(80), 'NAME     AMOUNT    TWICE  WORDS')
  assert.equal(head(33), 'NAME     AMOUNT  WORDS')
  assert.equal(head(20), 'NAME     AMOUNT')
  assert.equal(head(5), 'NAME')
})

test('the sort column is marked, without moving the others', () => {
  assert.equal(head(80, 'lag'), 'NAME    AMOUNT▼    TWICE  WORDS')
  assert.equal(head(80, 'name'), 'NAME▼    AMOUNT    TWICE  WORDS')
})

test('a flexible column is exactly as wide as its texts need', () => {
  assert.equal(head(80, undefined, 10), 'NAME         AMOUNT    TWICE  WORDS')
  assert.equal(head(36, undefined, 100), 'NAME       AMOUNT    TWICE  WORDS')
})

test('columns do not move when their numbers change', () => {
  const at = (amount: number) => lines(80, { name: 'orders', amount })[0]?.indexOf('all about')
  for (const amount of [0, 7, 999_999, 123_456_789, 9e15]) assert.equal(at(amount), at(1))
})

test('the last column is wrapped to further lines, aligned with itself', () => {
  assert.deepEqual(lines(34, { name: 'pizzas', amount: 12 }), [
    'pizzas       12       24  all',
    '                          about',
    '                          pizzas',
  ])
})

test('a number too wide for its column is shown in thousands, millions and so on', () => {
  assert.deepEqual(
    [0, 1234, 999_999, 1_000_000, 12_345_678, 9_007_199_254_740_991].map((count) => countWithin(count, 7)),
    ['0', '1,234', '999,999', '1.0M', '12.3M', '9.0P'],
  )
  fc.assert(
    fc.property(fc.maxSafeNat(), fc.integer({ min: 5, max: 14 }), (count, width) => {
      assert.ok(countWithin(count, width).length <= width)
    }),
  )
})

const sent: [string, Key[]][] = [
  ['\u001b[A\u001b[B', ['up', 'down']],
  ['\u001bOA\u001bOB', ['up', 'down']],
  ['\u001b[5~\u001b[6~', ['page-up', 'page-down']],
  ['\u001b[H\u001b[F\u001b[1~\u001b[4~\u001bOH\u001bOF', ['home', 'end', 'home', 'end', 'home', 'end']],
  ['\t\u001b[Z', ['tab', 'back-tab']],
  ['\r\n\u007f\b', ['enter', 'enter', 'backspace', 'backspace']],
  ['\u0003', ['interrupt']],
  ['\u001a', ['suspend']],
  ['\u0015', ['erase-line']],
  ['\u001b', ['escape']],
  ['\u001b\u001b[A', ['escape', 'up']],
  ['q/ü🍕', [{ character: 'q' }, { character: '/' }, { character: 'ü' }, { character: '🍕' }]],
  ['\u001b[1;5C\u001bx\u001b[200~a', [{ character: 'a' }]],
  ['\u0000\u0001', []],
]
for (const [text, keys] of sent) {
  test(`${JSON.stringify(text)} is read as ${JSON.stringify(keys)}`, () => {
    assert.deepEqual(keysOf(text), { keys, rest: '' })
  })
}

test('a key sequence that arrives in pieces is one key', () => {
  const first = keysOf('s\u001b[5')
  assert.deepEqual(first, { keys: [{ character: 's' }], rest: '\u001b[5' })
  assert.deepEqual(keysOf(`${first.rest}~`), { keys: ['page-up'], rest: '' })
})

test('any input is read to its end', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const { rest } = keysOf(text)
      assert.ok(rest === '' || text.endsWith(rest))
    }),
  )
})

test('colours and Unicode depend on the environment', () => {
  assert.deepEqual(terminalFeatures({ LANG: 'de_DE.UTF-8' }), { colours: true, unicode: true })
  assert.deepEqual(terminalFeatures({ LANG: 'C' }), { colours: true, unicode: false })
  assert.deepEqual(terminalFeatures({ LANG: 'C.UTF-8', LC_ALL: 'POSIX' }), { colours: true, unicode: false })
  assert.deepEqual(terminalFeatures({ LANG: 'C.utf8', TERM: 'linux' }), { colours: true, unicode: false })
  assert.deepEqual(terminalFeatures({ LANG: 'C.UTF-8', NO_COLOR: '1' }), { colours: false, unicode: true })
  assert.deepEqual(terminalFeatures({ LANG: 'C.UTF-8', NO_COLOR: '' }), { colours: true, unicode: true })
})

test('a line is as wide as its pieces together', () => {
  assert.equal(lineWidth([{ text: 'ab' }, { text: '注' }]), 4)
})
