// `godwit generate` on a real cluster: what Java's consumer reads, and what is refused.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startCluster, type TestCluster } from '../harness/cluster.ts'
import { type Ended, godwit } from '../harness/godwit.ts'
import { runKafkaTool } from '../harness/java.ts'
import { readAll } from '../harness/oracle.ts'

let cluster: TestCluster
before(async () => {
  cluster = await startCluster({ name: 'generated', heapMb: 320, configs: { 'auto.create.topics.enable': 'false' } })
})
after(() => cluster[Symbol.asyncDispose]())

const generate = (...words: string[]): Promise<Ended> =>
  godwit(['generate', '--bootstrap-server', cluster.bootstrap, ...words])

/** Records as the console consumer prints them: timestamp, headers, key and value. */
async function consumed(topic: string, count: number): Promise<{ headers: string; key: string; value: unknown }[]> {
  const { stdout } = await runKafkaTool('org.apache.kafka.tools.consumer.ConsoleConsumer', [
    ...['--bootstrap-server', cluster.bootstrap, '--topic', topic, '--from-beginning', '--max-messages', String(count)],
    ...['--property', 'print.key=true', '--property', 'print.headers=true', '--property', 'key.separator=|'],
    ...['--property', 'headers.separator=;', '--timeout-ms', '20000'],
  ])
  const lines = stdout.split('\n').filter((line) => line.includes('|'))
  return lines.map((line) => {
    const [headers = '', key = '', ...rest] = line.split('|')
    return { headers, key, value: JSON.parse(rest.join('|')) as unknown }
  })
}

test('it creates the topic with the given options, and Java reads its orders with keys and headers', async () => {
  const { code, out } = await generate(
    ...['--topic-name', 'pizza-orders', '--create-topic', '--partitions', '4', '--nr-messages', '700', '--headers'],
    ...['--compression', 'lz4', '--output', 'json'],
  )
  assert.equal(code, 0)
  const said = JSON.parse(out) as { records: number; end: string; partitions: number }
  assert.deepEqual([said.records, said.end, said.partitions], [700, 'limit', 4])
  const partitions = await readAll(cluster, { topics: ['pizza-orders'] })
  assert.equal(
    partitions.reduce((sum, { records }) => sum + records, 0),
    700,
  )
  const records = await consumed('pizza-orders', 700)
  assert.equal(records.length, 700)
  for (const { headers, key, value } of records) {
    const order = value as { shop: string; pizzas: unknown[]; id: number }
    assert.deepEqual(JSON.parse(key), { shop: order.shop })
    assert.ok(order.pizzas.length > 0)
    assert.match(headers, /^producer:godwit generate;trace-id:[0-9a-f]+-\d+$/)
  }
  const ids = records.map(({ value }) => (value as { id: number }).id)
  assert.equal(new Set(ids).size, 700)
})

test('without keys, at a rate, for a duration: it ends by itself and prints a summary', async () => {
  const words = ['--nr-messages', '0', '--rate', '100', '--for', '2s', '--subject', 'stock', '--no-keys']
  const { code, out } = await generate('--topic-name', 'shares', '--create-topic', ...words)
  assert.equal(code, 0)
  const [, count = ''] = /^(\d+) records \([\d.]+ k?B\) written to shares in [\d.]+s: --for elapsed$/m.exec(out) ?? []
  assert.ok(Number(count) > 100 && Number(count) <= 260, out)
  const records = await consumed('shares', Number(count))
  assert.equal(records.length, Number(count))
  assert.ok(records.every(({ key }) => key === 'null'))
})

test('a random wait after each record is possible, which the guides call --max-waiting-time', async () => {
  const words = ['--nr-messages', '5', '--max-waiting-time', '0.2', '--subject', 'metric', '--output', 'yaml']
  const { code, out } = await generate('--topic-name', 'metrics', '--create-topic', ...words)
  assert.equal(code, 0)
  assert.match(out, /^records: 5$/m)
})

test('invalid input is reported with its remedy, and nothing is written', async () => {
  const refusals: [string[], number, RegExp][] = [
    [['--topic-name', 'pizza-order'], 69, /no topic pizza-order; did you mean pizza-orders\?.*\n.*--create-topic/],
    [[], 64, /--topic-name is missing/],
    [['--topic-name', 't', '--subject', 'piza'], 64, /not 'piza'; did you mean pizza\?/],
    [['--topic-name', 't', '--nr-messages', 'many'], 64, /--nr-messages must be a number of at least 0, not 'many'/],
    [['--topic-name', 't', '--for', '10'], 64, /--for must be a duration such as 90s/],
    [['--topic-name', 't', '--username', 'app'], 64, /--username and --password must be given together/],
    [['--topic-name', 't', '--username', 'a', '--password', 'b'], 64, /--username needs a SASL protocol/],
    [['--topic-name', 't', '--cert-folder', '/nowhere'], 64, /--cert-folder contains neither/],
    [['--topic-name', 't', '--command-config', '/nowhere'], 78, /--command-config file cannot be read/],
  ]
  for (const [words, expected, message] of refusals) {
    const { code, out, err } = await generate(...words)
    assert.deepEqual([code, out], [expected, ''], words.join(' '))
    assert.match(err, message)
    assert.doesNotMatch(err, /\bat .*\.ts:\d+/)
  }
  const { code, err } = await godwit(['generate', '--topic-name', 't'])
  assert.equal(code, 78)
  assert.match(err, /bootstrap/)
})
