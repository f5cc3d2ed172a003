// The topics that a flow creates in addition to the copied ones, and their replication factors.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hasTooFewBrokers, internalTopics, stateTopics, topicFactors } from '../../../src/state/internal-topics.ts'
import { flowOf, flowsOf } from '../preflight/flow.ts'

const names = (...lines: readonly string[]) => internalTopics(flowOf(...lines).settings).map(({ name }) => name)

test('a run creates its state topics first, then those of its periodic tasks, each on its cluster', () => {
  const state = ['mm2-offsets.A.internal', 'mm2-godwit-positions.A.internal', 'mm2-godwit-offset-map.A.internal']
  assert.deepEqual(
    stateTopics(flowOf().settings).map(({ name }) => name),
    state,
  )
  assert.deepEqual(names(), [...state, 'mm2-offset-syncs.B.internal', 'A.checkpoints.internal', 'heartbeats'])
  const sides = internalTopics(flowOf().settings).map(({ side }) => side)
  assert.deepEqual(sides, ['target', 'target', 'target', 'source', 'target', 'target'])
})

test('the checkpoints topic is created only for checkpoints: group offsets are synced without it', () => {
  const without = names('emit.checkpoints.enabled = false', 'sync.group.offsets.enabled = true')
  assert.ok(!without.includes('A.checkpoints.internal'), without.join())
})

test('a flow that is not enabled creates only the topic of its heartbeats', () => {
  const flows = flowsOf('A->B.enabled = false', 'B->A.enabled = true')
  const off = flows.find(({ settings }) => settings.name === 'A->B')
  assert.ok(off)
  assert.deepEqual(
    topicFactors(off.settings).map(({ key, topics }) => [key, topics]),
    [['A->B.heartbeats.topic.replication.factor', ['heartbeats']]],
  )
})

test('a factor of the file may exceed the brokers, a default is lowered, -1 is left to the cluster', () => {
  assert.equal(hasTooFewBrokers({ replicationFactor: 3 }, 2), true)
  assert.equal(hasTooFewBrokers({ replicationFactor: 2 }, 2), false)
  assert.equal(hasTooFewBrokers({ replicationFactor: 3, factorIsDefault: true }, 2), false)
  assert.equal(hasTooFewBrokers({ replicationFactor: -1 }, 2), false)
  assert.equal(hasTooFewBrokers({ replicationFactor: 3 }, 0), false, 'the number of brokers is unknown')
})
