import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isSameCluster } from '../../../src/kafka/cluster.ts'

test('clusters are equal if their ids are; a cluster without an id equals none', () => {
  assert.equal(isSameCluster({ clusterId: 'x' }, { clusterId: 'x' }), true)
  assert.equal(isSameCluster({ clusterId: 'x' }, { clusterId: 'y' }), false)
  assert.equal(isSameCluster({ clusterId: '' }, { clusterId: '' }), false)
  assert.equal(isSameCluster({ clusterId: 'x' }, { clusterId: '' }), false)
})
