// Keeps the tests: none has timers or deadlines of its own, whoever lets time pass says why, titles are short, files too.
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

/** The most characters of a title. */
const TITLE = 100
/** The most lines of a file. */
const LINES = 400

/** Files that may have timers, each with its reason. */
const timersAllowed: Record<string, string> = {
  'test/unit/replicate/data-path-parts.ts': 'looks every 2 ms: states of the data path last milliseconds only',
  'test/harness/eventually.ts': 'all others wait with its functions',
  'test/harness/end.ts': 'ends a process that waits for ever',
  'test/harness/proxy/stream.ts': 'delays and throttles bytes by the clock',
  'test/harness/scripted/cluster.ts': 'answers late when a fault asks for it',
  'test/unit/replicate/random-scene.ts': 'lets a moment pass between the faults of a scene',
}
/** Loops that go on for a time, each with its reason. */
const loopsAllowed: Record<string, string> = {
  'test/unit/replicate/data-path-parts.ts': 'looks every 2 ms: states of the data path last milliseconds only',
  'test/integration/logins.test.ts': 'asks without a pause, as often as it can while logins end',
  'test/integration/claims/chaos.ts': 'a storm lasts as long as it was asked to',
}
/** Files that may be longer, each with its reason. */
const longAllowed: Record<string, string> = {
  'test/unit/config/resource/layouts.test.ts': 'one layout of a resource after the other',
  'test/unit/preflight/checks.test.ts': 'one check after the other',
}

/** Not a method, such as `socket.setTimeout`, nor a word in quotes. */
const timer = /(?<![.\w'])(?:setTimeout|setInterval)\(|from '(?:node:)?timers|base\/retry\.ts'|Atomics\.wait\(/
const loop = /\bwhile \([^\n]*\) await (?:new Promise[^\n]* set|Promise\.)|= (?:Date|performance)\.now\(\) \+/
const title =
  /(?<![\w.])(?:t\.test|test|describe)(?:\.\w+)?\(\s*(?:'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\]|\\.)*)`)/g

const root = join(import.meta.dirname, '../..')
const files = globSync('test/**/*.ts', { cwd: root })
  .map((file) => file.replaceAll('\\', '/'))
  .map((file) => ({ file, text: readFileSync(join(root, file), 'utf8') }))

/** What has it and may not, and what may and has it not: a list of exceptions names no file in vain. */
function assertOnly(pattern: RegExp, allowed: Record<string, string>): void {
  assert.ok(files.length > 250)
  const having = files.filter(({ text }) => pattern.test(text)).map(({ file }) => file)
  assert.deepEqual(having.toSorted(), Object.keys(allowed).toSorted())
}

test('only the harness has timers: tests use eventually, stays, inTime and letPass', () => {
  assertOnly(timer, timersAllowed)
})

test('no test polls in a loop of its own, or by a deadline of its own', () => {
  assertOnly(loop, loopsAllowed)
})

test('whoever lets time pass says why', () => {
  const silent = files.flatMap(({ file, text }) => {
    const lines = text.split('\n')
    const isTold = (at: number) => /^\s*(?:\/\/|\*\/|\/\*\*)/.test(lines[at - 1] ?? '')
    return lines.flatMap((line, at) => (/\bletPass\(/.test(line) && !isTold(at) ? [`${file}: ${line.trim()}`] : []))
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
