// The readers that check and plan share: a plan reads less, and incomplete facts are not used as complete.
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

/** A cluster with two brokers that answers or refuses requests as defined, and records them. */
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

test('a plan reads configs and offsets of topics, and nothing that needs permissions on the cluster', async () => {
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
  assert.deepEqual([...topics.keys()], ['orders'], 'topics with an error in the metadata are left out, as in a run')
  assert.equal(brokers.length, 2)
})

test('a check reads everything, and a refused request does not prevent the others', async () => {
  const { cluster } = clusterWith(() => undefined)
  const { unknown, topics } = await readInventory(cluster, { selects: () => true })
  const refused = new Set(unknown.map(({ what }) => what))
  assert.deepEqual(refused, new Set(['apis', 'features', 'broker-configs', 'topic-configs', 'disks', 'clock']))
  assert.deepEqual([...topics.keys()], ['orders'])
})

test('group names are known only if every broker lists its groups', async () => {
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

test("the reason why one topic's configs cannot be read is stored with the topic", () => {
  const failure = new Failure('NOT_AUTHORIZED', 'no')
  const refused = topicFacts(describedTopic('orders'), { configs: new Map([['orders', failure]]) })
  assert.deepEqual([refused.configs, refused.configsFailure], [undefined, failure])
  assert.deepEqual(topicFacts(describedTopic('orders'), {}), {
    name: 'orders',
    partitions: [{ index: 0, replicas: [1] }],
  })
})

test('only a Failure is handled as a failed attempt', async () => {
  const attempts = new Attempts<string>()
  assert.equal(await attempts.of('one', Promise.resolve(1)), 1)
  const failure = new Failure('NOT_AUTHORIZED', 'no')
  assert.equal(await attempts.of('two', Promise.reject(failure)), undefined)
  assert.deepEqual(attempts.failed, [{ what: 'two', failure }])
  await assert.rejects(attempts.of('three', Promise.reject(new Error('a bug'))), /a bug/)
})
