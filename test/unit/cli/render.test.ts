import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runCli } from '../../../src/cli/cli.ts'
import { type Command, listOf, textOf } from '../../../src/cli/command.ts'
import { outputOption, printResult } from '../../../src/cli/output/render.ts'
import { captured } from './scripted.ts'

const said = { topic: 'orders', end: 12n, note: undefined, list: ['a: b', '#c'] }
const show: Command = {
  name: 'show',
  summary: 'Shows.',
  usage: 'show',
  arguments: [],
  options: { output: outputOption, group: { value: 'GROUP', several: true, doc: 'Groups.' }, all: { doc: 'All.' } },
  examples: [['show --output json', 'for programs']],
  run: (context) => {
    const { values } = context
    printResult(context, { ...said, groups: listOf(values, 'group'), all: values['all'] ?? null }, () => 'for people')
    return Promise.resolve(textOf(values, 'output') === 'text' ? 0 : 1)
  },
}

async function shown(words: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const { around, out, err } = captured()
  const code = await runCli([show], ['show', ...words], '1', { ...around, environment })
  return { code, out: out.join('\n'), err: err.join('\n') }
}

test('one value is printed as text, JSON or YAML', async () => {
  assert.equal((await shown([])).out, 'for people')
  const value = { topic: 'orders', end: '12', list: ['a: b', '#c'], groups: [], all: null }
  assert.deepEqual(JSON.parse((await shown(['--output', 'json'])).out), value)
  const yaml = (await shown(['--output', 'yaml'])).out
  assert.equal(yaml, 'topic: orders\nend: "12"\nlist:\n  - "a: b"\n  - "#c"\ngroups: []\nall: null\n')
})

test('an option with a value can come from an environment variable, a flag cannot', async () => {
  const environment = { GODWIT_OUTPUT: 'json', GODWIT_GROUP: 'a, b', GODWIT_ALL: 'true' }
  const { groups, all } = JSON.parse((await shown([], environment)).out) as Record<string, unknown>
  assert.deepEqual([groups, all], [['a', 'b'], null])
  assert.equal((await shown(['--output', 'text'], environment)).out, 'for people')
  const wrong = await shown([], { GODWIT_OUTPUT: 'jsno' })
  assert.deepEqual([wrong.code, wrong.out], [64, ''])
  assert.match(wrong.err, /GODWIT_OUTPUT is one of text, json, yaml, not 'jsno'; did you mean json\?/)
})

test('help shows examples as they would be typed', async () => {
  assert.match((await shown(['--help'])).out, /Examples:\n {2}# for programs\n {2}godwit show --output json/)
})
