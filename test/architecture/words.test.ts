// Plain technical English in sources and documents: phrases that were once used here, and what is written instead.
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

const instead: readonly (readonly [RegExp, string])[] = [
  [/\bmade anew\b|\bmakes? anew\b/, 'recreated'],
  [/\banew\b/, 'again'],
  [/\b(?:is|are|was|were|be) told\b/, 'is reported, is logged, is given'],
  [/\bmend(?:s|ed|ing)?\b/i, 'fix'],
  [/\bdut(?:y|ies)\b/i, 'periodic task'],
  [/\bby lot\b/, 'at random'],
  [/\bgo(?:es)? round\b/, 'loop'],
  [/\bgets? on\b(?! the)/, 'advance'],
  [/\bcomes? to rest\b/, 'stop changing'],
  [/\bin vain\b/, 'without success'],
  [/\bstands? twice\b/, 'is duplicated'],
  [/\b(?:somebody|nobody) is in\b/i, 'the group has (no) active members'],
  [/\bthe least that\b/, 'the minimum permissions'],
  [/\bspell of\b/, 'active period, throttled period'],
  [/\bwhoever\b/i, 'the process that, the caller'],
  [/\bheals?\b/, 'recovers'],
  [/\blook(?:s|ed|ing)? after\b/, 'handle'],
  [/\bused up\b/, 'exhausted'],
  [/\bthe very (?!first|last)\w+/, 'the same, exactly'],
  [/\bspec [0-9]|measured\.md|design example/, 'a KIP, a Kafka source file, an ADR'],
]

const root = join(import.meta.dirname, '../..')
const files = ['src/**/*.ts', 'docs/**/*.md', '*.md'].flatMap((pattern) => globSync(pattern, { cwd: root }))

test('sources and documents use plain words', () => {
  assert.ok(files.length > 400)
  const found = files.flatMap((file) =>
    readFileSync(join(root, file), 'utf8')
      .split('\n')
      .flatMap((line, at) =>
        instead
          .filter(([phrase]) => phrase.test(line))
          .map(([phrase, better]) => `${file}:${at + 1}: ${phrase.exec(line)?.[0]} -> ${better}`),
      ),
  )
  assert.deepEqual(found, [])
})
