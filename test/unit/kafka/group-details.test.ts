// The assignment of a classic group member, from the bytes its leader wrote (ConsumerProtocolAssignment).
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assignmentOf } from '../../../src/kafka/group-details.ts'

const text = (word: string) => Buffer.concat([int16(word.length), Buffer.from(word)])
const int16 = (value: number) => Buffer.from([value >> 8, value & 255])
const int32 = (value: number) => Buffer.from([0, 0, value >> 8, value & 255])

const bytes = Buffer.concat([
  ...[int16(3), int32(2), text('orders'), int32(2), int32(0), int32(7), text('other'), int32(1), int32(1)],
  int32(3),
  Buffer.from('abc'),
])

test("topics and partitions are read, and the assignor's own data is not", () => {
  assert.deepEqual(assignmentOf(bytes), [
    { topic: 'orders', partition: 0 },
    { topic: 'orders', partition: 7 },
    { topic: 'other', partition: 1 },
  ])
})

test('an empty assignment and unrelated bytes are read as no assignment', () => {
  assert.deepEqual(assignmentOf(null), [])
  assert.deepEqual(assignmentOf(Buffer.alloc(0)), [])
  for (let size = 0; size < bytes.length - 11; size++) assert.deepEqual(assignmentOf(bytes.subarray(0, size)), [])
})
