// The structure stays simple: no import cycles, few entry files, no unused exports, few parameters, one owner of a partition's
// state.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { circlesOf, doorsOf, readSources, roomOf } from './house.ts'

const sources = readSources('src/**/*.ts')
const everything = readSources('{src,test,demo,bench,publish}/**/*.ts')

/** The maximum number of files of a room that other rooms may import. */
const mostDoors = 15
const usedElsewhere: Record<string, string> = {
  'src/kafka/connection/library-stand-ins.ts':
    'bundled instead of packages of the client library that are never called',
}
/** The data path passes numbers one by one: an object for each record would cost a tenth of the speed. */
const hot = /^src\/(?:batch\/|kafka\/(?:raw-fetch|raw-produce|connection\/library-calls)\.ts)/

test('there is no import cycle, even with types', () => {
  assert.deepEqual(circlesOf(sources, true), [])
})

test('other rooms import at most fifteen files of a room', () => {
  const tooMany = [...doorsOf(sources)].filter(([, doors]) => doors.size > mostDoors)
  assert.deepEqual(
    tooMany.map(([room, doors]) => `${room}: ${doors.size}`),
    [],
  )
})

test('every export is used by another file', () => {
  const used = new Set<string>()
  for (const { imports } of everything.values())
    for (const { file, names } of imports) for (const name of names) used.add(`${file} ${name}`)
  const unused = [...sources.values()].flatMap(({ path, exports }) =>
    exports
      .filter((name) => !used.has(`${path} ${name}`) && !used.has(`${path} *`) && !(path in usedElsewhere))
      .map((name) => `${path}: ${name}`),
  )
  assert.deepEqual(unused, [])
})

/** The same function, exported once directly and once for loading on demand. */
const twice = new Set(['readResources'])

test('a name is exported by only one file', () => {
  const files = new Map<string, string[]>()
  for (const { path, declares } of sources.values())
    for (const name of declares) files.set(name, [...(files.get(name) ?? []), path])
  assert.deepEqual(
    [...files].filter(([name, paths]) => paths.length > 1 && !twice.has(name)),
    [],
  )
})

const functions =
  /(?:function\*?\s+(\w+)|^\s+(?:static\s+|async\s+|get\s+|set\s+)*(#?\w+))\s*(?:<[^>(]*>)?\(([^()]*(?:\([^()]*\)[^()]*)*)\)\s*(?::[^={]+)?\{/gm
const keywords = new Set(['if', 'for', 'while', 'switch', 'catch', 'return', 'function', 'super'])

/** The number of parameters in a list, without a last one that is an object of options (`= {}`). */
function parameters(list: string): number {
  let [depth, count] = [0, list.trim() === '' ? 0 : 1]
  for (const char of list
    .replaceAll(/'[^']*'/g, '')
    .trim()
    .replace(/,$/, '')
    .replace(/,[^,]*= \{\}$/, '')) {
    if ('({[<'.includes(char)) depth++
    else if (')}]>'.includes(char)) depth--
    else if (char === ',' && depth === 0) count++
  }
  return count
}

test('a function takes at most four parameters', () => {
  const found = [...sources.values()]
    .filter(({ path }) => !hot.test(path))
    .flatMap(({ path, text }) =>
      [...text.matchAll(functions)]
        .map(([, named, method, list = '']) => ({ name: named ?? method ?? '', count: parameters(list) }))
        .filter(({ name, count }) => !keywords.has(name) && count > 4)
        .map(({ name, count }) => `${path}: ${name} takes ${count}`),
    )
  assert.deepEqual(found, [])
})

const owners = ['fetch-cursor', 'send-queue', 'copied-position', 'partition-failures']
const field = /^ {2}(?:readonly )?(\w+)(?:[:=?]| =)/gm

test('the state of a partition is written only by its owners', () => {
  const owned = owners.map((owner) => `src/replicate/partition/${owner}.ts`)
  const fields = owned.flatMap((path) => {
    const { text = '' } = sources.get(path) ?? {}
    const body = text.slice(text.lastIndexOf('export class'))
    return [...body.matchAll(field)].map(([, name = '']) => name)
  })
  assert.ok(fields.length > 25, String(fields))
  const written = new RegExp(
    String.raw`\b(?:copy|this)?\.?(?:source|queue|position|failures)\.(?:${fields.join('|')})\s*(?:[-+]?=[^=>]|\+\+|--)`,
    'g',
  )
  const wrong = [...sources.values()]
    .filter(({ path }) => ['replicate', 'engine', 'state'].includes(roomOf(path)) && !owned.includes(path))
    .flatMap(({ path, text }) => [...text.matchAll(written)].map(([found]) => `${path}: ${found.trim()}`))
  assert.deepEqual(wrong, [])
})
