// State topics are created as by Connect, and refused if they would lose stored records.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failure } from '../../../src/base/failure.ts'
import { type CompactTopicParts, ensureCompactTopic } from '../../../src/records/compact-topic.ts'

type Metadata = Awaited<ReturnType<CompactTopicParts['cluster']['metadata']>>
type Topic = Metadata['topics'] extends ReadonlyMap<string, infer T> ? T : never

const name = 'mm2-offsets.A.internal'
const spec = {
  name,
  partitions: 2,
  replicationFactor: 3,
  configs: { 'segment.bytes': '1048576', 'cleanup.policy': 'delete' },
  cleanupPolicy: 'compact',
} as const

function topic(partitions: number, more: { error?: number; leader?: number } = {}): Topic {
  const { error = 0, leader = 1 } = more
  const list = Array.from({ length: partitions }, (_, partition) => ({ partition, leader, leaderEpoch: 0 }))
  return { name, topicId: '', error, partitions: list } as unknown as Topic
}

/** A cluster with these metadata answers; the last one is repeated. */
function scripted(answers: (Topic | undefined)[], more: { created?: Failure; policy?: string | Failure } = {}) {
  const created: unknown[] = []
  const left = [...answers]
  const parts = {
    cluster: {
      alias: 'B',
      settings: { alias: 'B', bootstrapServers: ['b:1'], protocol: 'PLAINTEXT' },
      metadata: async (topics?: readonly string[]) => {
        const found = topics?.length === 0 ? undefined : left.length > 1 ? left.shift() : left[0]
        const brokers = new Map([[1, { id: 1, host: 'x', port: 1 }]])
        return { clusterId: 'c', brokers, topics: new Map(found ? [[name, found]] : []) }
      },
    },
    admin: {
      createTopics: async (specs: readonly unknown[]) => {
        created.push(...specs)
        return new Map([[name, more.created]])
      },
      describeTopicConfigs: async () => {
        const { policy = 'compact' } = more
        return new Map([[name, policy instanceof Failure ? policy : [{ name: 'cleanup.policy', value: policy }]]])
      },
    },
  } as unknown as CompactTopicParts
  return { parts, created }
}
const refusal = (wireCode: number, code: 'NOT_AUTHORIZED' | 'INTERNAL' = 'INTERNAL') =>
  new Failure(code, 'refused', { wireCode })

test('a missing topic is created, compacted whatever the extra configs say, and waited for', async () => {
  const { parts, created } = scripted([undefined, undefined, topic(2, { leader: -1 }), topic(2)])
  const found = await ensureCompactTopic(parts, spec)
  assert.equal(found.partitions.length, 2)
  const configs = { 'segment.bytes': '1048576', 'cleanup.policy': 'compact' }
  assert.deepEqual(created, [{ name, partitions: 2, replicationFactor: 3, configs }])
})

test('a topic that the cluster reports as unknown is created too', async () => {
  const { parts, created } = scripted([topic(0, { error: 3 }), topic(2)])
  await ensureCompactTopic(parts, spec)
  assert.equal(created.length, 1)
})

test('an existing compacted topic is used with its number of partitions', async () => {
  const { parts, created } = scripted([topic(25)])
  assert.equal((await ensureCompactTopic(parts, spec)).partitions.length, 25)
  assert.deepEqual(created, [])
})

test('an existing topic with another cleanup policy is refused with the command that fixes it', async () => {
  for (const policy of ['delete', 'compact,delete', 'delete, compact']) {
    await assert.rejects(ensureCompactTopic(scripted([topic(2)], { policy }).parts, spec), (error) => {
      assert.ok(error instanceof Failure)
      assert.equal(error.code, 'STATE_UNREADABLE')
      assert.match(error.message, /topic mm2-offsets\.A\.internal on cluster B has cleanup\.policy=/)
      assert.match(
        error.remedy ?? '',
        /^set it to compact: kafka-configs\.sh --bootstrap-server b:1 .* --add-config cleanup\.policy=compact$/,
      )
      return true
    })
  }
})

test('a topic that another client created meanwhile is checked like any other', async () => {
  const created = refusal(36)
  assert.equal(
    (await ensureCompactTopic(scripted([undefined, topic(5)], { created }).parts, spec)).partitions.length,
    5,
  )
  const otherwise = scripted([undefined, topic(5)], { created, policy: 'delete' })
  await assert.rejects(ensureCompactTopic(otherwise.parts, spec), /cleanup\.policy=delete/)
})

test('too many replicas are refused with the number of brokers and the key to set', async () => {
  await assert.rejects(ensureCompactTopic(scripted([undefined], { created: refusal(38) }).parts, spec), (error) => {
    assert.ok(error instanceof Failure)
    assert.equal(error.code, 'CONFIG_INVALID')
    assert.match(error.message, /replication factor 3: cluster B has 1 broker$/)
    assert.match(error.remedy ?? '', /^write offset\.storage\.replication\.factor = 1 into the configuration file/)
    return true
  })
})

test('a replication factor that the file does not set is lowered to the number of brokers', async () => {
  const { parts, created } = scripted([undefined, topic(2)])
  await ensureCompactTopic(parts, { ...spec, factorIsDefault: true })
  assert.deepEqual(
    created.map((one) => (one as { replicationFactor: number }).replicationFactor),
    [1],
  )
})

test('other refusals of the broker are returned unchanged', async () => {
  const created = refusal(29, 'NOT_AUTHORIZED')
  await assert.rejects(ensureCompactTopic(scripted([undefined], { created }).parts, spec), (error) => error === created)
})

test('DescribeConfigs may be missing; without Describe the failure names the permission to grant', async () => {
  const believed = scripted([topic(2)], { policy: refusal(29, 'NOT_AUTHORIZED') })
  assert.equal((await ensureCompactTopic(believed.parts, spec)).partitions.length, 2)
  await assert.rejects(ensureCompactTopic(scripted([topic(0, { error: 29 })]).parts, spec), (error) => {
    assert.ok(error instanceof Failure)
    assert.equal(error.code, 'NOT_AUTHORIZED')
    assert.match(
      error.remedy ?? '',
      /grant the user Describe, Create, Read and Write on topic mm2-offsets\.A\.internal/,
    )
    return true
  })
})
