// Quoted words in printed commands, read back by a shell.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { optionWords, shellWord } from '../../../src/base/shell-word.ts'

const odd = [
  '',
  'plain',
  'two words',
  "quo'te",
  'back\\slash',
  '$(touch x)',
  '*',
  '~',
  '--all',
  'line\nend',
  'tab\t\u001b[31m',
]
const more = ['\u0085next', "\n'\\", '-', 'ümläut', 'a;b&c|d', '!!', '"', '#', '{a,b}', '=x', '\u0001'.repeat(3)]

test('a shell reads every quoted word back unchanged', () => {
  const words = [...odd, ...more]
  const script = `printf '%s\\0' ${words.map(shellWord).join(' ')}`
  assert.deepEqual(execFileSync('bash', ['-c', script], { encoding: 'utf8' }).split('\0').slice(0, -1), words)
})

test('a printed command stays on one line', () => {
  for (const word of [...odd, ...more]) assert.doesNotMatch(shellWord(word), /\p{Cc}/u)
})

test('words that start with a dash are attached to their option', () => {
  assert.equal(optionWords('--group', ['a', 'b c']), "--group a 'b c'")
  assert.equal(optionWords('--group', ['a', '-x']), '--group=a --group=-x')
})
