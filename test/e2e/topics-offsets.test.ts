// `godwit topics` and `godwit offsets` between two real clusters.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { type Ended, godwit } from '../harness/godwit.ts'
import { Site } from '../integration/engine/site.ts'

const site = await Site.start()
const folder = mkdtempSync(join(tmpdir(), 'godwit-topics-'))
after(async () => {
  await site[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

const epoch = Date.now() - 3_600_000
const lines = ['SOURCE->TARGET.topics.exclude = .*-tmp', 'SOURCE.enabled = true']
const topics = 'orders.*, jobs-tmp, missing-later'
await site.create('orders', 2, { 'retention.ms': '1000000000', 'max.message.bytes': '2000000' })
await site.create('jobs-tmp', 1)
await site.create('private', 1)
await site.produce('orders', { count: 100, partitions: [0, 1], time: epoch, step: 1000 })
await site.onSource({ do: 'trim', topic: 'orders', partition: 1, before: 10 })
await site.copyAll('t', topics, ...lines)
await site.onTarget({ do: 'alter', topic: 'orders', set: { 'retention.ms': '7' } })
await site.create('orders-new', 3)
await site.produce('orders', { count: 5, partitions: [0] })
const file = join(folder, 'mm2.properties')
writeFileSync(file, site.configuration('t', topics, ...lines))

const topicsOf = (...words: string[]): Promise<Ended> => godwit(['topics', file, ...words])
const offsetsOf = (...words: string[]): Promise<Ended> => godwit(['offsets', file, ...words])

async function json<T>(ended: Promise<Ended>): Promise<T> {
  const { out, err, code } = await ended
  assert.equal(code, 0, err)
  return JSON.parse(out) as T
}

const table = (out: string) =>
  out
    .trimEnd()
    .split('\n')
    .map((line) => line.trim().split(/ {2,}/))

function assertRefused({ code, out, err }: Ended, expected: number, ...words: RegExp[]): void {
  assert.equal(code, expected, err)
  assert.equal(out, '')
  for (const word of words) assert.match(err, word)
}

test('topics lists what is copied, what is missing or differs on the target, and why others are excluded', async () => {
  const { out, code } = await topicsOf()
  assert.equal(code, 0)
  assert.deepEqual(table(out), [
    ['At->Bt: copies 2 of 4 topics'],
    ['TOPIC', 'ON TARGET', 'PARTITIONS', 'RECORDS', 'CONFIGS', 'WHY'],
    ['orders', 'orders', '2 / 2', '95 / 90', '1', 'the topics of the flow include it'],
    ['orders-new', 'orders-new (missing)', '3 / -', '0 / -', '-', 'the topics of the flow include it'],
    ['jobs-tmp', '-', '1', '0', '-', 'not copied: excluded by At->Bt.topics.exclude'],
    ['private', '-', '1', '0', '-', 'not copied: not in At->Bt.topics'],
    ['Configs that the flow would change on the target:'],
    ['orders: retention.ms = 1000000000, on the target 7'],
  ])
})

test('topics as JSON has the same content, and internal topics on demand', async () => {
  const found = await json<{ flow: string; topics: { topic: string; choice: string; target?: object }[] }>(
    topicsOf('--output', 'json', '--internal'),
  )
  assert.equal(found.flow, 'At->Bt')
  const choices = new Map(found.topics.map(({ topic, choice }) => [topic, choice]))
  assert.equal(choices.get('orders'), 'included')
  assert.equal(choices.get('jobs-tmp'), 'excluded')
  assert.equal(choices.get('private'), 'unnamed')
  assert.equal(choices.get('mm2-offset-syncs.Bt.internal'), 'internal')
  assert.deepEqual(found.topics.find(({ topic }) => topic === 'orders')?.target, {
    partitions: 2,
    replicas: 1,
    records: 90,
  })
})

test('topics of one cluster', async () => {
  const { out } = await topicsOf('--cluster', 'Bt', '--match', 'ord.*')
  assert.deepEqual(table(out), [
    ['TOPIC', 'PARTITIONS', 'REPLICAS', 'RECORDS'],
    ['orders', '2', '1', '90'],
  ])
  const found = await json<{ topics: { topic: string; internal: boolean }[] }>(
    topicsOf('--cluster', 'Bt', '--internal', '--output', 'json', '--match', 'ord.*'),
  )
  assert.deepEqual(found.topics, [{ topic: 'orders', internal: false, partitions: 2, replicas: 1, records: 90 }])
})

test('offsets shows both sides with copied and remaining records', async () => {
  const { out, code } = await offsetsOf('--topic', 'orders')
  assert.equal(code, 0)
  assert.deepEqual(table(out).slice(2), [
    ['orders', '0', '0', '55', '50', '5', 'orders', '0', '50'],
    ['orders', '1', '10', '50', '50', '0', 'orders', '0', '40'],
  ])
  const found = await json<{ partitions: { topic: string; copied?: object; targetEnd?: number }[] }>(
    offsetsOf('--output', 'json'),
  )
  assert.deepEqual(found.partitions[0]?.copied, { upstream: 50, downstream: 50, by: 'position' })
  const fresh = found.partitions.filter(({ topic }) => topic === 'orders-new')
  assert.equal(fresh.length, 3)
  assert.ok(fresh.every(({ copied, targetEnd }) => copied === undefined && targetEnd === undefined))
})

test('offsets of one cluster prints the lines of kafka-get-offsets.sh, for any time', async () => {
  const at = async (...words: string[]) => (await offsetsOf('--cluster', 'At', '--topic', 'orders', ...words)).out
  assert.equal(await at(), 'orders:0:55\norders:1:50\n')
  assert.equal(await at('--time', 'earliest'), 'orders:0:0\norders:1:10\n')
  assert.equal(await at('--time', '-2'), 'orders:0:0\norders:1:10\n')
  assert.equal(await at('--time', String(epoch + 40_000)), 'orders:0:20\norders:1:20\n')
  assert.equal(await at('--time', String(Date.now() + 1e9)), '')
  const found = await json<object>(offsetsOf('--cluster', 'Bt', '--topic', 'orders', '--output', 'json'))
  assert.deepEqual(found, {
    cluster: 'Bt',
    offsets: [
      { topic: 'orders', partition: 0, offset: 50 },
      { topic: 'orders', partition: 1, offset: 40 },
    ],
  })
})

test('unknown names are answered with the nearest and all existing ones', async () => {
  assertRefused(
    await topicsOf('--match', 'order'),
    64,
    /no topic on cluster At: order; did you mean orders\?/,
    /private/,
  )
  assertRefused(await topicsOf('--cluster', 'Att'), 64, /no cluster Att; did you mean At\?/, /At, Bt/)
  assertRefused(await topicsOf('--match', '('), 64, /the pattern \( cannot be used/)
  assertRefused(await offsetsOf('--topic', 'order'), 64, /no topic that At->Bt copies: order; did you mean orders\?/)
  assertRefused(await offsetsOf('--cluster', 'At', '--topic', 'privat'), 64, /did you mean private\?/)
  assertRefused(await offsetsOf('--flow', 'Bt->At'), 64, /there is no flow Bt->At/, /At->Bt/)
  assertRefused(await offsetsOf('--time', 'latest'), 64, /--time needs --cluster/)
  assertRefused(await offsetsOf('--cluster', 'At', '--time', 'noon'), 64, /'noon' is not a valid time/)
})
