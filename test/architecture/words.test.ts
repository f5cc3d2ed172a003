// Plain technical English in sources, tests and documents: phrases that were once used here, and what is written instead.
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
  [/\b(?:comes?|came) to rest\b|\bat rest\b/, 'stop changing, stable'],
  [/\b(?:stand(?:s|ing)?|stood) still\b/, 'stopped, stable, frozen'],
  [/\bdated long ago\b/, 'with old timestamps'],
  [/\b(?:is|are) (?:said|heard)\b|\bhears? of\b/, 'is reported, is received'],
  [/\bto the (?:very|letter)\b/, 'exactly'],
  [/\bin the end\b/, 'finally, later'],
  [/\bpass(?:es|ed|ing)? over\b/, 'skip'],
  [/\btravels? (?:alone|past|with)\b/, 'is sent alone, is copied'],
  [/\bbears? (?:the|a|no|its)\b/, 'has'],
  [/\bcopied whole\b/, 'copied from the start'],
  [/\bsees? to it\b|\bshall\b/, 'makes sure, must'],
  [/\bmishaps?\b|\bstorms?\b/, 'fault, random changes'],
  [/\bgone on with\b|\bgoes wrong\b/, 'continued, fails'],
  [/\bin good order\b/, 'cleanly'],
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
const files = ['src/**/*.ts', 'test/**/*.{ts,java}', 'docs/**/*.md', '*.md']
  .flatMap((pattern) => globSync(pattern, { cwd: root }))
  .filter((file) => !file.endsWith('words.test.ts'))

test('sources, tests and documents use plain words', () => {
  assert.ok(files.length > 800)
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
