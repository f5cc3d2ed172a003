// Numbers agree with their units: texts that count things use `counted` or `plural` of src/base/counted.ts.
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { counted, plural } from '../../src/base/counted.ts'
import { countedText } from '../../src/cli/output/quantities.ts'

const things = [
  ...['topic', 'partition', 'record', 'group', 'broker', 'offset', 'flow', 'error', 'problem', 'replica', 'member'],
  ...['config', 'character', 'conflict', 'warning', 'note', 'ACL', 'key', 'connector', 'task', 'cluster', 'checkpoint'],
  ...['connection', 'finding', 'difference', 'time', 'second', 'day', 'iteration', 'relation', 'process', 'position'],
]
/** A value in a template, optionally a word, and a plural noun; or a plural ending that depends on a condition. */
const byHand = new RegExp(
  String.raw`\$\{(?!counted|countedText|plural|number\()(?:[^{}]|\{[^{}]*\})*\} (?:(?:internal|new|source|target|visible|more) )?(?:${things.map((one) => `${one}e?s`).join('|')})\b|=== 1 \? ['"](?:s?['"] : ['"]s?['"]|[a-z]+['"] : ['"][a-z]+s['"])`,
)

/** Places where the value is not a count of these things, or is always more than one. */
const fine = [
  /exits\.found\.code/,
  /\bflow\} copies\b/,
  /'i'\) \?\? 'no'\} iterations/,
  /\$\{ours\.length\} relations/,
  /records > 1 \?/,
  /(?:flow|topic|cluster) \$\{[^}]*\} (?:copies|has|keeps|makes)/,
]

test('no text of the sources counts things without singular and plural forms', () => {
  const root = join(import.meta.dirname, '../../src')
  const found = globSync('**/*.ts', { cwd: root }).flatMap((file) =>
    readFileSync(join(root, file), 'utf8')
      .split('\n')
      .filter((line) => !/^\s*(?:\/\/|\*|\/\*)/.test(line) && byHand.test(line) && !fine.some((one) => one.test(line)))
      .map((line) => `${file}: ${line.trim()}`),
  )
  assert.deepEqual(found, [])
})

test('one is singular, every other number plural', () => {
  assert.deepEqual(
    [0, 1, 2, 1n, 2n].map((count) => counted(count, 'topic')),
    ['0 topics', '1 topic', '2 topics', '1 topic', '2 topics'],
  )
  assert.deepEqual(
    [1, 2].map((count) => plural(count, 'is', 'are')),
    ['is', 'are'],
  )
  assert.deepEqual([counted(1, 'entry', 'entries'), counted(3, 'entry', 'entries')], ['1 entry', '3 entries'])
  assert.deepEqual([countedText(1, 'record'), countedText(1234, 'record')], ['1 record', '1,234 records'])
})
