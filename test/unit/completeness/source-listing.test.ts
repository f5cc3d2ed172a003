import assert from 'node:assert/strict'
import { test } from 'node:test'
import { listSource } from '../../../src/completeness/source-listing.ts'
import type { ClusterMetadata } from '../../../src/kafka/cluster.ts'
import { newReplicationPolicy } from '../../../src/mirror/replication-policy.ts'
import { flowOf } from '../preflight/flow.ts'

const TOPIC_AUTHORIZATION_FAILED = 29

function metadata(...topics: readonly (readonly [name: string, error: number])[]): ClusterMetadata {
  const found = topics.map(([name, error]) => [name, { name, error, topicId: '', partitions: [] }] as const)
  return { topics: new Map(found) } as unknown as ClusterMetadata
}

/**
 * The listing of a source that shows the topic `seen` and answers for `hidden.one` and `hidden` only that the user may not
 * describe them.
 */
function listed(...lines: readonly string[]) {
  const { settings } = flowOf(...lines)
  return listSource({
    settings,
    policy: newReplicationPolicy(settings.policy, settings.sourceAlias),
    metadata: () => Promise.resolve(metadata(['seen', 0], ['heartbeats', 0])),
    metadataOf: (names) =>
      Promise.resolve(
        metadata(...names.map((name) => [name, name.startsWith('hidden') ? TOPIC_AUTHORIZATION_FAILED : 3] as const)),
      ),
    sourceAdmin: { listOffsets: () => Promise.resolve(new Map()) },
    needsStart: () => false,
  })
}

const topicsOf = async (...lines: readonly string[]) => (await listed(...lines)).partitions.map(({ topic }) => topic)

test('configured topics that the user may not describe are in the listing with the reason', async () => {
  assert.deepEqual(await topicsOf('topics = seen, hidden.one, hidden, nowhere'), [
    'seen',
    'heartbeats',
    'hidden.one',
    'hidden',
  ])
  assert.deepEqual(await topicsOf('topics = hidden\\\\.one'), ['heartbeats', 'hidden.one'])
  assert.deepEqual(await topicsOf('topics = hid.*, seen', 'topics.exclude = hidden'), ['seen', 'heartbeats'])
  const { partitions } = await listed('topics = hidden')
  assert.equal(partitions.at(-1)?.failure?.code, 'NOT_AUTHORIZED')
})

test('a listing shows whether the lists select any topic; heartbeats do not count', async () => {
  assert.equal((await listed('topics = seen')).selectsTopic, true)
  assert.equal((await listed('topics = hidden')).selectsTopic, true)
  assert.equal((await listed('topics = sene')).selectsTopic, false)
})
