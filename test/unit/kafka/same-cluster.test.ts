import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isSameCluster } from '../../../src/kafka/cluster.ts'

test('clusters are the same by their ids; one that tells none is compared with nobody', () => {
  assert.equal(isSameCluster({ clusterId: 'x' }, { clusterId: 'x' }), true)
  assert.equal(isSameCluster({ clusterId: 'x' }, { clusterId: 'y' }), false)
  assert.equal(isSameCluster({ clusterId: '' }, { clusterId: '' }), false)
  assert.equal(isSameCluster({ clusterId: 'x' }, { clusterId: '' }), false)
})
