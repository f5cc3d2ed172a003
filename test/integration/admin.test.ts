// Metadata and admin requests on real Kafka.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { after, before, describe, test } from 'node:test'
import { Failure } from '../../src/base/failure.ts'
import { silentLogger } from '../../src/base/logger.ts'
import { Admin } from '../../src/kafka/admin.ts'
import { Cluster } from '../../src/kafka/cluster.ts'
import { freePorts, startCluster, type TestCluster } from '../harness/cluster.ts'
import { eventually } from '../harness/eventually.ts'
import { NEWEST, OLDER } from '../harness/kafka-jars.ts'
import { failureIn, settingsFor } from './asked.ts'

/** Repeats a request until `satisfies` accepts the answer; a failure counts as not accepted. */
function untilAnswered<T>(ask: () => Promise<T>, satisfies: (answer: T) => boolean, withinMs?: number): Promise<T> {
  return eventually(
    () => ask().catch((error: unknown) => error as Error),
    (answer): answer is Awaited<T> => !(answer instanceof Error) && satisfies(answer),
    withinMs,
  )
}

for (const version of [NEWEST, OLDER]) {
  describe(`on Kafka ${version}`, () => {
    let kafka: TestCluster
    let cluster: Cluster
    let admin: Admin
    before(async () => {
      kafka = await startCluster({ version })
      cluster = new Cluster(settingsFor(kafka.bootstrap), silentLogger)
      admin = new Admin(cluster)
    })
    after(async () => {
      await cluster.close()
      await kafka.destroy()
    })

    const topic = (name: string, partitions = 1, configs: Record<string, string> = {}) => ({
      ...{ name, partitions, replicationFactor: 1, configs },
    })

    test('an invalid topic does not prevent the creation of others, and each failure names its reason', async () => {
      const asked = [topic('made', 3), topic('not valid!'), { ...topic('spread'), replicationFactor: 5 }]
      const outcomes = await admin.createTopics([...asked, topic('odd', 1, { 'no.such.config': '1' })], 10_000)
      assert.equal(outcomes.get('made'), undefined)
      assert.ok(outcomes.has('made'))
      assert.equal(failureIn(outcomes.get('not valid!')).circumstances.wireCode, 17)
      assert.equal(failureIn(outcomes.get('spread')).circumstances.wireCode, 38)
      assert.match(failureIn(outcomes.get('spread')).remedy ?? '', /replication\.factor/)
      assert.match(failureIn(outcomes.get('odd')).message, /cannot create topic odd on cluster old: .*no\.such\.config/)
      const again = await admin.createTopics([topic('made', 3)], 10_000)
      assert.equal(failureIn(again.get('made')).circumstances.wireCode, 36)
    })

    test('metadata returns errors as values, never creates a topic, and contains topic ids', async () => {
      await admin.createTopics([topic('seen', 2)], 10_000)
      const now = await untilAnswered(
        () => cluster.metadata(['seen', 'never-made']),
        (metadata) => metadata.topics.get('seen')?.partitions.length === 2,
      )
      assert.match(now.topics.get('seen')?.topicId ?? '', /^[0-9a-f]{8}-[0-9a-f]{4}-/)
      assert.deepEqual(
        now.topics.get('seen')?.partitions.map((p) => [p.index, p.leader, p.error]),
        [
          [0, 1, 0],
          [1, 1, 0],
        ],
      )
      assert.equal(now.topics.get('never-made')?.error, 3)
      const all = await cluster.metadata()
      assert.equal(all.topics.has('never-made'), false)
      assert.equal(all.topics.has('seen'), true)
      const none = await cluster.metadata([])
      assert.deepEqual(
        [none.topics.size, none.brokers.get(1)?.port, none.clusterId !== ''],
        [0, kafka.broker.port, true],
      )
      assert.ok(((await cluster.apiVersions(1)).get(3)?.max ?? 0) >= 12)
    })

    test('partitions are added and configs are changed one by one', async () => {
      await admin.createTopics([topic('grown', 1, { 'retention.ms': '1000', 'max.message.bytes': '2000' })], 10_000)
      const grown = await admin.createPartitions([
        { topic: 'grown', count: 4 },
        { topic: 'absent', count: 4 },
      ])
      assert.equal(grown.get('grown'), undefined)
      assert.equal(failureIn(grown.get('absent')).code, 'UNKNOWN_TOPIC')
      const changes = [
        { topic: 'grown', set: { 'max.message.bytes': '3000' }, remove: ['retention.ms'] },
        { topic: 'made-up', set: { 'max.message.bytes': '1' }, remove: [] },
      ]
      const altered = await admin.incrementalAlterConfigs(changes)
      assert.equal(altered.get('grown'), undefined)
      failureIn(altered.get('made-up'))
      const ownConfigs = async () => {
        const described = (await admin.describeTopicConfigs(['grown'])).get('grown')
        assert.ok(Array.isArray(described))
        return described.filter((entry) => entry.source === 1).map(({ name, value }) => [name, value])
      }
      await untilAnswered(ownConfigs, (own) => JSON.stringify(own) === '[["max.message.bytes","3000"]]')
      assert.equal(failureIn((await admin.describeTopicConfigs(['absent'])).get('absent')).code, 'UNKNOWN_TOPIC')
      const broker = await admin.describeBrokerConfigs(1)
      assert.equal(broker.find((entry) => entry.name === 'node.id')?.value, '1')
    })

    test('offsets and producers are returned per partition, even if other partitions fail', async () => {
      await admin.createTopics([topic('read', 2)], 10_000)
      const asked = [
        { topic: 'read', partition: 0, at: 'earliest' as const },
        { topic: 'read', partition: 1, at: 'latest' as const },
        { topic: 'read', partition: 7, at: 'latest' as const },
        { topic: 'absent', partition: 0, at: 0 },
      ]
      const found = await untilAnswered(
        () => admin.listOffsets(asked, 'read_committed'),
        (offsets) => !(offsets.get('read-0') instanceof Failure) && !(offsets.get('read-1') instanceof Failure),
      )
      assert.deepEqual(found.get('read-0'), { offset: 0, timestamp: -1, leaderEpoch: 0 })
      assert.equal(failureIn(found.get('read-7')).code, 'UNKNOWN_TOPIC')
      assert.equal(failureIn(found.get('absent-0')).code, 'UNKNOWN_TOPIC')
      const producers = await admin.describeProducers([...asked.slice(0, 2), { topic: 'absent', partition: 0 }])
      assert.deepEqual([producers.get('read-0'), producers.get('read-1')], [[], []])
      assert.equal(failureIn(producers.get('absent-0')).code, 'UNKNOWN_TOPIC')
      const [one, two] = [await admin.initProducerId(), await admin.initProducerId()]
      assert.notEqual(one.id, two.id)
      assert.equal(one.epoch, 0)
    })

    test('thousands of partitions are created in several requests and listed in one call', async () => {
      const many = Array.from({ length: 50 }, (_, i) => topic(`many-${i}`, 50))
      const outcomes = await admin.createTopics(many, 30_000)
      assert.deepEqual(
        [...outcomes.values()].filter((one) => one),
        [],
      )
      const asked = many.flatMap(({ name }) =>
        Array.from({ length: 50 }, (_, partition) => ({ topic: name, partition, at: 'latest' as const })),
      )
      const all = await untilAnswered(
        () => admin.listOffsets(asked, 'read_uncommitted'),
        (found) => [...found.values()].every((one) => !(one instanceof Failure)),
        60_000,
      )
      assert.equal(all.size, 2500)
    })

    test('a broker that was killed and restarted is used again without any action', async () => {
      await cluster.metadata([])
      await kafka.kill9()
      const begun = performance.now()
      await assert.rejects(cluster.metadata([]), (error) => {
        assert.equal(failureIn(error).code, 'BROKER_UNREACHABLE')
        return true
      })
      assert.ok(performance.now() - begun < 5000)
      await kafka.start()
      assert.equal((await cluster.metadata([])).brokers.size, 1)
      await untilAnswered(
        () => admin.listOffsets([{ topic: 'read', partition: 0, at: 'latest' }], 'read_committed'),
        (found) => !(found.get('read-0') instanceof Failure),
      )
    })

    test('closing ends pending requests', async () => {
      const other = new Cluster(settingsFor(kafka.bootstrap), silentLogger)
      await other.metadata([])
      kafka.broker.freeze(true)
      try {
        const asked = other.metadata([])
        await other.close()
        await assert.rejects(asked, (error) => failureIn(error).code === 'CONNECTION_LOST')
      } finally {
        kafka.broker.freeze(false)
      }
    })
  })
}

describe('with three brokers', () => {
  let kafka: TestCluster
  before(async () => {
    kafka = await startCluster({ version: NEWEST, brokers: 3, heapMb: 256 })
  })
  after(() => kafka.destroy())

  test('after a leader was killed, offsets are listed by the new leader', async () => {
    await using cluster = new Cluster(settingsFor(kafka.bootstrap), silentLogger)
    const admin = new Admin(cluster)
    await admin.createTopics([{ name: 'moved', partitions: 6, replicationFactor: 3, configs: {} }], 10_000)
    const asked = Array.from({ length: 6 }, (_, partition) => ({ topic: 'moved', partition, at: 'latest' as const }))
    const allTold = (found: Map<string, unknown>) =>
      found.size === 6 && ![...found.values()].some((one) => one instanceof Failure)
    await untilAnswered(() => admin.listOffsets(asked, 'read_committed'), allTold)
    await kafka.brokers[1]?.kill9()
    await untilAnswered(() => admin.listOffsets(asked, 'read_committed'), allTold)
    await untilAnswered(() => admin.describeProducers(asked), allTold)
    const made = await untilAnswered(
      () => admin.createTopics([{ name: 'after', partitions: 1, replicationFactor: 2, configs: {} }], 10_000),
      (outcomes) => outcomes.get('after') === undefined || outcomes.get('after')?.circumstances.wireCode === 36,
    )
    assert.ok(made.has('after'))
  })

  test('a port that speaks HTTP is reported', async () => {
    const web = createServer((_request, response) => response.end())
    await once(web.listen(0, '127.0.0.1'), 'listening')
    const address = web.address()
    const port = address && typeof address === 'object' ? address.port : 0
    await using cluster = new Cluster(settingsFor(`127.0.0.1:${port}`), silentLogger)
    const failure = failureIn(await cluster.metadata([]).catch((error: unknown) => error))
    assert.match(`${failure.message}; ${failure.remedy ?? ''}`, /responds with HTTP.*old\.bootstrap\.servers/)
    web.close()
  })

  test('a bootstrap server that does not answer does not delay the others', async () => {
    const [dead = 0] = await freePorts(1)
    await using cluster = new Cluster(settingsFor(`127.0.0.1:${dead},${kafka.bootstrap}`), silentLogger)
    const begun = performance.now()
    await cluster.metadata([])
    assert.ok(performance.now() - begun < 2000)
  })
})
