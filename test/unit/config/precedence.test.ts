// The precedence of MM2's prefixes. The maps themselves are compared with Kafka's in
// test/integration/config-differential.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  clusterPairs,
  clusterProps,
  connectorProps,
  type Entries,
  type Entry,
  flowName,
  workerProps,
} from '../../../src/config/resolve.ts'

const pair = { source: 'a', target: 'b' }
const entries = (record: Readonly<Record<string, string>>): Entries =>
  new Map(
    Object.entries(record).map(([key, text], at): [string, Entry] => [key, { key, written: text, text, line: at + 1 }]),
  )
const texts = (props: Entries) => Object.fromEntries([...props].map(([key, { text }]) => [key, text]))
const pairsOf = (record: Record<string, string>, aliases: string[]) =>
  clusterPairs(entries(record), aliases).map(flowName)

test('by default every ordered pair has connectors, for its heartbeats', () => {
  assert.equal(pairsOf({}, ['a', 'b', 'c']).length, 6)
  assert.equal(pairsOf({ 'emit.heartbeats.enabled': 'false' }, ['a', 'b', 'c']).length, 0)
  assert.equal(
    pairsOf({ 'a->b.emit.heartbeats.enabled': 'false', 'a->c.emit.heartbeats.enabled': 'false' }, ['a', 'b', 'c'])
      .length,
    4,
  )
  assert.deepEqual(
    pairsOf({ 'emit.heartbeats.enabled': 'false', 'a->b.enabled': 'true', 'b->c.emit.heartbeats.enabled': 'TRUE' }, [
      'a',
      'b',
      'c',
    ]),
    ['a->b', 'b->c'],
  )
})

test('a blank after true makes it false for the choice of pairs', () => {
  assert.deepEqual(pairsOf({ 'emit.heartbeats.enabled': 'false', 'a->b.enabled': 'true ' }, ['a', 'b']), [])
})

test('a key of a flow overrides all others in its connectors', () => {
  const key = fc.constantFrom(
    'topics',
    'tasks.max',
    'enabled',
    'name',
    'source.consumer.fetch.min.bytes',
    'source.cluster.bootstrap.servers',
    'replication.policy.class',
  )
  fc.assert(
    fc.property(key, fc.string(), fc.string(), fc.string(), (name, atFlow, bare, atCluster) => {
      const own = name.replace(/^source\.(?:cluster\.)?/, '')
      const file = entries({ [name]: bare, [`a.${own}`]: atCluster, [`a->b.${name}`]: atFlow })
      assert.equal(connectorProps(file, pair, 'MirrorSourceConnector').get(name)?.text, atFlow)
    }),
  )
})

test('a client key of a cluster overrides the cluster key, which overrides the key without prefix', () => {
  const layers = fc.record({
    client: fc.option(fc.string()),
    cluster: fc.option(fc.string()),
    bare: fc.option(fc.string()),
  })
  fc.assert(
    fc.property(layers, ({ client, cluster, bare }) => {
      const file = entries({
        ...(bare !== null && { 'sasl.mechanism': bare }),
        ...(cluster !== null && { 'a.sasl.mechanism': cluster }),
        ...(client !== null && { 'a.consumer.sasl.mechanism': client }),
      })
      const expected = client ?? cluster ?? bare ?? undefined
      assert.equal(clusterProps(file, 'a').get('consumer.sasl.mechanism')?.text, expected)
      assert.equal(
        connectorProps(file, pair, 'MirrorSourceConnector').get('source.consumer.sasl.mechanism')?.text,
        expected,
      )
    }),
  )
})

test('an entry keeps the key and line of the file in every map', () => {
  const file = entries({ 'x.y': '1', 'a.bootstrap.servers': 'a:1' })
  const { key, line } = connectorProps(file, pair, 'MirrorSourceConnector').get('source.admin.bootstrap.servers') ?? {}
  assert.deepEqual([key, line], ['a.bootstrap.servers', 2])
})

test('keys without prefix that no connector defines are in no map', () => {
  const file = entries({
    'consumer.fetch.min.bytes': '1',
    'use.defaults.from': 'source',
    'producer.override.acks': '1',
    topics: 't',
  })
  assert.deepEqual(texts(connectorProps(file, pair, 'MirrorHeartbeatConnector')), {
    topics: 't',
    name: 'MirrorHeartbeatConnector',
    'connector.class': 'org.apache.kafka.connect.mirror.MirrorHeartbeatConnector',
    'source.cluster.alias': 'a',
    'target.cluster.alias': 'b',
    enabled: 'false',
  })
})

test("in the worker a storage key without prefix overrides the cluster's; flow keys are never used", () => {
  const file = entries({
    'b.offset.storage.replication.factor': '2',
    'offset.storage.replication.factor': '1',
    'b.offset.flush.interval.ms': '7',
    'offset.flush.interval.ms': '8',
    'a->b.offset.flush.interval.ms': '9',
  })
  const worker = workerProps(file, pair, (props) => props)
  assert.equal(worker.get('offset.storage.replication.factor')?.text, '1')
  assert.equal(worker.get('offset.flush.interval.ms')?.text, '7')
  assert.equal(worker.get('group.id')?.text, 'a-mm2')
})
