// The scripted broker with the connections of src/kafka: they receive the scripted answers.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { silentLogger } from '../../../src/base/logger.ts'
import { Cluster } from '../../../src/kafka/cluster.ts'
import type { ClusterSettings } from '../../../src/kafka/cluster-settings.ts'
import { API, metadataBody } from '../../harness/scripted/bodies.ts'
import { ScriptedBroker } from '../../harness/scripted-broker.ts'

const settingsOf = (broker: ScriptedBroker): ClusterSettings => ({
  alias: 'source',
  bootstrapServers: [broker.bootstrap],
  clientId: 'harness-test',
  protocol: 'PLAINTEXT',
  connectTimeoutMs: 1000,
  requestTimeoutMs: 400,
})

test('a client gets versions, brokers and topics', async () => {
  await using broker = await ScriptedBroker.start(7)
  broker.topics.set('orders', {
    partitions: [
      { leader: 7, epoch: 3 },
      { leader: -1, error: 5 },
    ],
  })
  await using cluster = new Cluster(settingsOf(broker), silentLogger)
  const metadata = await cluster.metadata(['orders', 'gone'])
  assert.deepEqual([...metadata.brokers.keys()], [7])
  const told = metadata.topics
    .get('orders')
    ?.partitions.map(({ leader, leaderEpoch, error }) => [leader, leaderEpoch, error])
  assert.deepEqual(told, [
    [7, 3, 0],
    [-1, 0, 5],
  ])
  assert.equal(metadata.topics.get('gone')?.error, 3)
  assert.equal(broker.asked(API.METADATA)[0]?.clientId, 'harness-test')
})

test('a handler for one request is used once, then the permanent one again', async () => {
  await using broker = await ScriptedBroker.start()
  broker.once(API.METADATA, () => 'cut')
  await using cluster = new Cluster(settingsOf(broker), silentLogger)
  await assert.rejects(cluster.metadata([]))
  assert.equal((await cluster.metadata([])).brokers.size, 1)
  assert.equal(broker.asked(API.METADATA).length, 2)
})

test('an answer is delayed as defined, or never sent', async () => {
  await using broker = await ScriptedBroker.start()
  await using cluster = new Cluster(settingsOf(broker), silentLogger)
  await cluster.metadata([])
  const standing = answerOf(broker)
  broker.once(API.METADATA, () => ({ delayMs: 150, bytes: standing }))
  const begin = performance.now()
  await cluster.metadata([])
  assert.ok(performance.now() - begin >= 149)
  broker.once(API.METADATA, () => 'hang')
  await assert.rejects(cluster.metadata([]), { code: 'REQUEST_TIMED_OUT' })
})

test('bytes without framing are sent unchanged', async () => {
  await using broker = await ScriptedBroker.start()
  broker.once(API.API_VERSIONS, () => ({ raw: Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n') }))
  await using cluster = new Cluster(settingsOf(broker), silentLogger)
  await assert.rejects(cluster.metadata([]))
})

test('an answer is sent in pieces, or only its first bytes before the connection ends', async () => {
  await using broker = await ScriptedBroker.start()
  await using cluster = new Cluster(settingsOf(broker), silentLogger)
  await cluster.metadata([])
  const bytes = answerOf(broker)
  broker.once(API.METADATA, () => ({ pieceBytes: 3, bytes }))
  assert.equal((await cluster.metadata([])).brokers.size, 1)
  await using another = new Cluster(settingsOf(broker), silentLogger)
  broker.once(API.METADATA, () => ({ cutAfter: bytes.length, bytes }))
  await assert.rejects(another.metadata([]), { code: 'BROKER_UNREACHABLE' })
})

test('a request within which the connection is cut is not recorded', async () => {
  await using broker = await ScriptedBroker.start()
  broker.cutWithin(API.METADATA, 10)
  await using cluster = new Cluster(settingsOf(broker), silentLogger)
  const long = Array.from({ length: 20_000 }, (_, i) => `a topic with a long name ${i}`)
  await assert.rejects(cluster.metadata(long), { code: 'BROKER_UNREACHABLE' })
  assert.equal(broker.asked(API.METADATA).length, 0)
})

/** The body of the last Metadata answer, with other topics. */
function answerOf(broker: ScriptedBroker): Buffer {
  return metadataBody(broker.asked(API.METADATA).at(-1)?.apiVersion ?? 4, broker, [])
}
