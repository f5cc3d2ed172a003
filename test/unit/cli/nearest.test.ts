import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { nearest } from '../../../src/cli/nearest.ts'

test('a swapped, missing, added or wrong letter still finds the word', () => {
  for (const word of ['stauts', 'statu', 'statuss', 'sdatus', 'STATUS']) {
    assert.equal(nearest(word, ['run', 'status', 'config show']), 'status')
  }
})

test('a word far from all others finds none', () => {
  assert.equal(nearest('kubernetes', ['run', 'status']), undefined)
})

test('a known word is its own nearest', () => {
  const words = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,12}$/), { minLength: 1 })
  fc.assert(
    fc.property(words, fc.nat(), (known, pick) => {
      const word = known[pick % known.length] ?? ''
      assert.equal(nearest(word, known), word)
    }),
  )
})
