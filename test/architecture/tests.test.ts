// Rules for tests: no timers or deadlines of their own, a reason for every fixed wait, short titles, short files.
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

/** Maximum length of a title. */
const TITLE = 100
/** Maximum number of lines of a file. */
const LINES = 400

/** Files that may have timers, each with its reason. */
const timersAllowed: Record<string, string> = {
  'test/unit/replicate/data-path-parts.ts': 'polls every 2 ms: states of the data path last only milliseconds',
  'test/harness/eventually.ts': 'all others wait with its functions',
  'test/harness/end.ts': 'ends a process that would wait for ever',
  'test/harness/proxy/stream.ts': 'delays and throttles bytes by the clock',
  'test/harness/scripted/cluster.ts': 'answers late when a fault asks for it',
  'test/unit/replicate/random-scene.ts': 'lets a moment pass between the faults of a scene',
}
/** Loops with a time limit, each with its reason. */
const loopsAllowed: Record<string, string> = {
  'test/unit/replicate/data-path-parts.ts': 'polls every 2 ms: states of the data path last only milliseconds',
  'test/integration/logins.test.ts': 'sends requests without a pause while logins expire',
  'test/integration/claims/chaos.ts': 'makes random changes for a given time',
}
/** Files that may be longer, each with its reason. */
const longAllowed: Record<string, string> = {
  'test/unit/config/resource/layouts.test.ts': 'one test for each layout of a resource',
  'test/unit/preflight/checks.test.ts': 'one test for each check',
}

/** A timer call, but not a method such as `socket.setTimeout`, nor a word in quotes. */
const timer = /(?<![.\w'])(?:setTimeout|setInterval)\(|from '(?:node:)?timers|base\/retry\.ts'|Atomics\.wait\(/
const loop = /\bwhile \([^\n]*\) await (?:new Promise[^\n]* set|Promise\.)|= (?:Date|performance)\.now\(\) \+/
const title =
  /(?<![\w.])(?:t\.test|test|describe)(?:\.\w+)?\(\s*(?:'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\]|\\.)*)`)/g

const root = join(import.meta.dirname, '../..')
const files = globSync('test/**/*.ts', { cwd: root })
  .map((file) => file.replaceAll('\\', '/'))
  .map((file) => ({ file, text: readFileSync(join(root, file), 'utf8') }))

/** Exactly the listed files match the pattern: an exception for a file without a match fails too. */
function assertOnly(pattern: RegExp, allowed: Record<string, string>): void {
  assert.ok(files.length > 250)
  const having = files.filter(({ text }) => pattern.test(text)).map(({ file }) => file)
  assert.deepEqual(having.toSorted(), Object.keys(allowed).toSorted())
}

test('only the harness has timers: tests use eventually, stays, inTime and letPass', () => {
  assertOnly(timer, timersAllowed)
})

test('no test polls in its own loop or with its own deadline', () => {
  assertOnly(loop, loopsAllowed)
})

test('every fixed wait has a comment with its reason', () => {
  const silent = files.flatMap(({ file, text }) => {
    const lines = text.split('\n')
    const isExplained = (at: number) => /^\s*(?:\/\/|\*\/|\/\*\*)/.test(lines[at - 1] ?? '')
    return lines.flatMap((line, at) =>
      /\bletPass\(/.test(line) && !isExplained(at) ? [`${file}: ${line.trim()}`] : [],
    )
  })
  assert.deepEqual(silent, [])
})

test(`a title has at most ${TITLE} characters`, () => {
  const titles = files.flatMap(({ file, text }) =>
    [...text.matchAll(title)].map((match) => ({ file, title: match[1] ?? match[2] ?? match[3] ?? '' })),
  )
  assert.ok(titles.length > 1400)
  assert.deepEqual(
    titles.filter((one) => one.title.length > TITLE),
    [],
  )
})

test(`a file has at most ${LINES} lines`, () => {
  const long = files.filter(({ text }) => text.split('\n').length > LINES + 1).map(({ file }) => file)
  assert.deepEqual(
    long.filter((file) => !(file in longAllowed)),
    [],
  )
})
