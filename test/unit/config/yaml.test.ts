// YAML as trees with line numbers, and scalars as Kubernetes reads them.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseYaml, type YamlNode } from '../../../src/config/dialects/yaml.ts'

/** The plain values of a tree: scalars as `kind text`. */
function plain(node: YamlNode | undefined): unknown {
  if (node?.kind === 'map') return Object.fromEntries([...node.fields].map(([key, field]) => [key, plain(field.node)]))
  if (node?.kind === 'list') return node.items.map(plain)
  return node && `${node.kind} ${node.text}`.trim()
}
const value = (text: string) => plain(parseYaml(text).documents[0])

const scalars: readonly (readonly [written: string, read: string])[] = [
  ['yes', 'flag true'],
  ['Off', 'flag false'],
  ['TRUE', 'flag true'],
  ['tRue', 'text tRue'],
  ['"yes"', 'text yes'],
  ['!!str yes', 'text yes'],
  ['~', 'nothing'],
  ['', 'nothing'],
  ['""', 'text'],
  ['0600', 'number 384'],
  ['0x1F', 'number 31'],
  ['-1_000', 'number -1000'],
  ['12345678901234567890', 'number 12345678901234567890'],
  ['1.50', 'number 1.5'],
  ['1e3', 'number 1000'],
  ['1.2.3', 'text 1.2.3'],
  ['12:30', 'text 12:30'],
  ['host:9092', 'text host:9092'],
]
for (const [written, read] of scalars) {
  test(`${written || 'nothing'} is read as ${read}`, () => assert.deepEqual(value(`a: ${written}`), { a: read }))
}

test('keys and values have their line numbers, over documents, comments and blocks', () => {
  const { documents } = parseYaml('# one\na: |\n  x\n  y\nb:\n  - c\n---\n\nd:\n  e: 1\n')
  const [first, second] = documents
  assert.ok(first?.kind === 'map' && second?.kind === 'map')
  assert.deepEqual(
    [...first.fields].map(([key, { line }]) => [key, line]),
    [
      ['a', 2],
      ['b', 5],
    ],
  )
  const inner = second.fields.get('d')
  assert.deepEqual([inner?.line, inner?.node.line], [9, 10])
})

test("aliases and merges are resolved, and the map's own values win", () => {
  assert.deepEqual(value('a: &x {i: 1, j: 2}\nb: {<<: *x, j: 3}\nc: *x'), {
    a: { i: 'number 1', j: 'number 2' },
    b: { i: 'number 1', j: 'number 3' },
    c: { i: 'number 1', j: 'number 2' },
  })
})

test('a document that contains itself, or an alias without anchor, is refused with its line', () => {
  assert.deepEqual(parseYaml('a: 1\nb: &b [*b]').problems, [
    { line: 2, reason: 'holds an alias of something it is a part of' },
  ])
  assert.deepEqual(parseYaml('a: *x').problems, [{ line: 1, reason: 'holds an alias of nothing' }])
})

test('nested aliases cost no more than their length', () => {
  const lines = Array.from({ length: 60 }, (_, at) => `a${at + 1}: &a${at + 1} [*a${at}, *a${at}]`)
  const { documents } = parseYaml(['a0: &a0 x', ...lines].join('\n'))
  assert.equal(documents.length, 1)
})

test('any text results in a tree or problems, never in an exception', () => {
  const pieces = fc.constantFrom(
    'a',
    ': ',
    '\n',
    '  ',
    '- ',
    '&x ',
    '*x',
    '{',
    '}',
    '[',
    ']',
    '"',
    "'",
    '|',
    '---\n',
    '<<: ',
    '!!str ',
    '#',
    '\t',
    ',',
    '? ',
  )
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 20 }), (parts) => {
      const { documents, problems } = parseYaml(parts.join(''))
      assert.ok(problems.length === 0 || documents.length === 0)
    }),
    { numRuns: 300 },
  )
})
