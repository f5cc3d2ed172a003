// The rules of ARCHITECTURE.md: imports go to a lower floor, other rooms are imported through their top-level files, no barrels,
// one room per third-party package, limited file sizes.
import assert from 'node:assert/strict'
import { dirname, join, normalize } from 'node:path'
import { test } from 'node:test'
import { readSources, roomOf } from './house.ts'

const floors: Record<string, number> = {
  base: 1,
  'java-pattern': 2,
  batch: 2,
  kafka: 2,
  model: 2,
  mirror: 3,
  records: 3,
  lease: 3,
  config: 4,
  state: 4,
  metrics: 4,
  completeness: 4,
  generate: 4,
  replicate: 4,
  tasks: 4,
  groups: 5,
  init: 5,
  engine: 6,
  worker: 7,
  positions: 7,
  verify: 7,
  preflight: 7,
  http: 8,
  cli: 9,
  'main.ts': 10,
}
/** Third-party package -> the only room that may import it. */
const packageRooms: Record<string, string> = {
  yaml: 'config',
  '@platformatic/kafka': 'kafka',
  '@platformatic/wasm-utils': 'batch',
  '@node-rs/crc32': 'batch',
  '@faker-js/faker': 'generate',
  'get-east-asian-width': 'cli',
}
/** Pure rooms: no clock, network, environment, file system. */
const pureRooms = new Set(['batch', 'java-pattern', 'model', 'mirror', 'config'])
const impure = /^node:(net|tls|http|https|fs|child_process|timers|dns|dgram|worker_threads)/
/** Files that may have more than 400 lines, each with its reason. */
const longFiles: Record<string, string> = {}

const sources = readSources('src/**/*.ts')
const files = [...sources.keys()]
const textOf = (file: string) => sources.get(file)?.text ?? ''
const importsOf = (file: string) => sources.get(file)?.specifiers ?? []

test('an import between rooms goes to a lower floor, through a top-level file of the room', () => {
  const wrong: string[] = []
  for (const file of files) {
    for (const target of importsOf(file).filter((i) => i.startsWith('.'))) {
      const to = normalize(join(dirname(file), target)).replaceAll('\\', '/')
      const [from, into] = [roomOf(file), roomOf(to)]
      if (from === into) continue
      if ((floors[into] ?? 99) >= (floors[from] ?? 0)) wrong.push(`${file} -> ${to}: not a lower floor`)
      if (to.split('/').length > 3) wrong.push(`${file} -> ${to}: not a door`)
    }
  }
  assert.deepEqual(wrong, [])
})

test('every room has a floor', () => {
  assert.deepEqual(
    [...new Set(files.map(roomOf))].filter((room) => !(room in floors)),
    [],
  )
})

test('each third-party package has one room', () => {
  const wrong: string[] = []
  for (const file of files) {
    for (const name of importsOf(file).filter((i) => !i.startsWith('.') && !i.startsWith('node:'))) {
      const pkg = name.startsWith('@') ? name.split('/').slice(0, 2).join('/') : (name.split('/')[0] ?? '')
      if (packageRooms[pkg] !== roomOf(file)) wrong.push(`${file} imports ${name}`)
    }
  }
  assert.deepEqual(wrong, [])
})

test('pure rooms touch neither network, files, clock nor environment', () => {
  const wrong: string[] = []
  for (const file of files.filter((f) => pureRooms.has(roomOf(f)))) {
    for (const name of importsOf(file)) if (impure.test(name)) wrong.push(`${file} imports ${name}`)
    const text = textOf(file).replaceAll(/\/\/.*$|\/\*[\s\S]*?\*\//gm, '')
    for (const word of ['process.env', 'Date.now(', 'setTimeout(']) {
      if (text.includes(word)) wrong.push(`${file} uses ${word}`)
    }
  }
  assert.deepEqual(wrong, [])
})

test('there are no barrels and no default exports', () => {
  const wrong = files.filter((f) => f.endsWith('/index.ts') || /^export (default|\*)/m.test(textOf(f)))
  assert.deepEqual(wrong, [])
})

test('files stay below 400 lines and folders below 16 files', () => {
  const long = files.filter((f) => textOf(f).split('\n').length > 400 && !(f in longFiles))
  assert.deepEqual(long, [])
  const perFolder = Map.groupBy(files, dirname)
  assert.deepEqual(
    [...perFolder].filter(([, list]) => list.length > 15).map(([folder]) => folder),
    [],
  )
})
