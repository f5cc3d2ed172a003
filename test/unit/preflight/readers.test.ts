// The readers that check and plan share: a plan asks for less, and what is not whole is not taken for whole.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failure } from '../../../src/base/failure.ts'
import type { Cluster, ClusterMetadata } from '../../../src/kafka/cluster.ts'
import { Attempts } from '../../../src/preflight/facts/attempts.ts'
import { readGroups } from '../../../src/preflight/facts/groups.ts'
import { readInventory } from '../../../src/preflight/facts/inventory.ts'
import { topicFacts } from '../../../src/preflight/facts/topics.ts'
import { flowOf } from './flow.ts'

const describedTopic = (name: string, error = 0) => ({
  ...{ name, topicId: '', internal: false, error },
  partitions: [{ index: 0, leader: -1, leaderEpoch: 0, replicas: [1], isr: [1], error: 0 }],
})

/** A cluster with two brokers that answers a request as told, or refuses it; notes which requests it was asked. */
function clusterWith(answers: (broker: number, request: string) => unknown) {
  const asked = new Set<string>()
  const metadata: ClusterMetadata = {
    ...{ clusterId: 'x', controllerId: 1 },
    brokers: new Map([1, 2].map((id) => [id, { id, host: 'h', port: 1, rack: null }])),
    topics: new Map([describedTopic('orders'), describedTopic('broken', 3)].map((one) => [one.name, one])),
  }
  const answer = async (broker: number, request: string) => {
    asked.add(request)
    const found = answers(broker, request)
    if (found === undefined) throw new Failure('NOT_AUTHORIZED', `${request} is refused`)
    return found
  }
  const cluster = {
    ...{ alias: 'A', settings: { alias: 'A' }, metadata: async () => metadata },
    apiVersions: (broker: number) => answer(broker, 'apiVersions'),
    callAny: (request: string) => answer(0, request),
    callController: (request: string) => answer(0, request),
    callBroker: answer,
  } as unknown as Cluster
  return { cluster, asked }
}

test('a plan reads configs and offsets of topics, and nothing that needs rights on the cluster', async () => {
  const { cluster, asked } = clusterWith(() => undefined)
  const { unknown, topics, brokers } = await readInventory(cluster, {
    selects: () => true,
    parts: ['topic-configs', 'offsets'],
  })
  assert.deepEqual([...asked], ['describeConfigs'])
  assert.deepEqual(
    unknown.map(({ what }) => what),
    ['topic-configs'],
  )
  assert.deepEqual([...topics.keys()], ['orders'], 'a run leaves out topics with an error in the metadata')
  assert.equal(brokers.length, 2)
})

test('a check reads everything, and what is refused keeps nothing else back', async () => {
  const { cluster } = clusterWith(() => undefined)
  const { unknown, topics } = await readInventory(cluster, { selects: () => true })
  const refused = new Set(unknown.map(({ what }) => what))
  assert.deepEqual(refused, new Set(['apis', 'features', 'broker-configs', 'topic-configs', 'disks', 'clock']))
  assert.deepEqual([...topics.keys()], ['orders'])
})

test('names of groups are known only where every broker lists its groups', async () => {
  const listed = (group: string) => ({ errorCode: 0, groups: [{ groupId: group, protocolType: 'consumer' }] })
  const { settings } = flowOf('groups = billing')
  const whole = await readGroups(clusterWith((broker) => listed(`${broker}-audit`)).cluster, settings)
  assert.deepEqual(whole, { selected: [], names: ['1-audit', '2-audit'] })
  const part = await readGroups(
    clusterWith((broker) => (broker === 1 ? listed('billing') : undefined)).cluster,
    settings,
  )
  assert.equal(part.names, undefined)
  assert.deepEqual(
    part.selected.map(({ group }) => group),
    ['billing'],
  )
})

test('why the configs of one topic cannot be read stays with the topic', () => {
  const failure = new Failure('NOT_AUTHORIZED', 'no')
  const refused = topicFacts(describedTopic('orders'), { configs: new Map([['orders', failure]]) })
  assert.deepEqual([refused.configs, refused.configsFailure], [undefined, failure])
  assert.deepEqual(topicFacts(describedTopic('orders'), {}), {
    name: 'orders',
    partitions: [{ index: 0, replicas: [1] }],
  })
})

test('only a Failure is an attempt that failed', async () => {
  const attempts = new Attempts<string>()
  assert.equal(await attempts.of('one', Promise.resolve(1)), 1)
  const failure = new Failure('NOT_AUTHORIZED', 'no')
  assert.equal(await attempts.of('two', Promise.reject(failure)), undefined)
  assert.deepEqual(attempts.failed, [{ what: 'two', failure }])
  await assert.rejects(attempts.of('three', Promise.reject(new Error('a bug'))), /a bug/)
})
