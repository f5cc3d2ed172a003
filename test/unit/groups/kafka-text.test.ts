// Rare cases of the tables of Kafka's tools. test/interop/groups-command has the others.
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

test('a deleted group is an error on standard output, without a table', () => {
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

test('an unknown value is a dash: the end of a partition without leader', () => {
  const nothing = { leaderEpoch: undefined, end: undefined, lag: undefined, consumerId: undefined }
  const row = { group: 'g', topic: 't', partition: 0, committed: 3, host: undefined, clientId: undefined, ...nothing }
  const [, , line = ''] = offsetsText({ ...group, offsets: [row] }, true).out.split('\n')
  assert.deepEqual(line.split(/ +/), ['g', 't', '0', '-', '3', '-', '-', '-', '-', '-'])
})

test('assignments are sorted by topic, partitions by number', () => {
  const places = [
    { topic: 'b', partition: 10 },
    { topic: 'a', partition: 0 },
    { topic: 'b', partition: 9 },
  ]
  assert.equal(assignmentText(places), 'a:0;b:9,10')
  assert.equal(assignmentText([]), '-')
})

test('a reset of no group is an empty line', () => {
  assert.equal(resetText([], false), '\n')
  assert.equal(resetText([], true), '\nGROUP           TOPIC           PARTITION  NEW-OFFSET\n')
})

test("offsets are sorted as text, as in Kafka's tool", () => {
  const offsets = [2, 10, 1].map((partition) => ({ topic: 't', partition, offset: partition }))
  assert.equal(getOffsetsText(offsets), 't:1:1\nt:10:10\nt:2:2\n')
})
