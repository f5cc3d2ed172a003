// Corners of Kafka's tables that are hard to come by on a real cluster; test/interop/groups-command has the rest.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DescribedGroup } from '../../../src/groups/describe.ts'
import {
  assignmentText,
  getOffsetsText,
  membersText,
  offsetsText,
  resetText,
  stateText,
} from '../../../src/groups/kafka-text.ts'

const group: DescribedGroup = {
  group: 'g',
  state: 'Empty',
  assignor: '',
  coordinator: { id: 1, host: 'h', port: 9092 },
  groupEpoch: undefined,
  targetEpoch: undefined,
  members: [],
  offsets: [],
}

test('a group that is gone is an error on standard output, without a table', () => {
  const dead = { ...group, state: 'Dead' }
  const said = { out: "\nError: Consumer group 'g' does not exist.\n", err: '' }
  assert.deepEqual(offsetsText(dead, false), said)
  assert.deepEqual(stateText(dead, false), said)
})

test('a rebalancing group is reported on standard error', () => {
  for (const state of ['PreparingRebalance', 'CompletingRebalance', 'Assigning', 'Reconciling'])
    assert.equal(membersText({ ...group, state }, false).err, "\nWarning: Consumer group 'g' is rebalancing.\n")
})

test('a group without offsets has no table of offsets', () => {
  assert.deepEqual(offsetsText(group, false), { out: '', err: "\nConsumer group 'g' has no active members.\n" })
})

test('what is not known is a dash: the end of a partition without leader', () => {
  const nothing = { leaderEpoch: undefined, end: undefined, lag: undefined, consumerId: undefined }
  const row = { group: 'g', topic: 't', partition: 0, committed: 3, host: undefined, clientId: undefined, ...nothing }
  const [, , line = ''] = offsetsText({ ...group, offsets: [row] }, true).out.split('\n')
  assert.deepEqual(line.split(/ +/), ['g', 't', '0', '-', '3', '-', '-', '-', '-', '-'])
})

test('assignments come by topic, partitions by number', () => {
  const places = [
    { topic: 'b', partition: 10 },
    { topic: 'a', partition: 0 },
    { topic: 'b', partition: 9 },
  ]
  assert.equal(assignmentText(places), 'a:0;b:9,10')
  assert.equal(assignmentText([]), '-')
})

test('a reset of no group at all is an empty line', () => {
  assert.equal(resetText([], false), '\n')
  assert.equal(resetText([], true), '\nGROUP           TOPIC           PARTITION  NEW-OFFSET\n')
})

test('offsets come in the order of their text, as Kafka’s tool has them', () => {
  const offsets = [2, 10, 1].map((partition) => ({ topic: 't', partition, offset: partition }))
  assert.equal(getOffsetsText(offsets), 't:1:1\nt:10:10\nt:2:2\n')
})
