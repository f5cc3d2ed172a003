// What is read from a target topic that refuses batches as too large.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TopicCopy } from '../../../src/replicate/partition-copy.ts'
import { adoptLimits } from '../../../src/replicate/topic-limits.ts'

const topic = (): TopicCopy => ({
  ...{ topic: 'a', targetTopic: 'a', sourceId: '', targetId: '', targetAppendTime: false },
  ...{ maxMessageBytes: 1000, recodeTo: undefined, limitsRead: 0 },
})
const limits = (maxMessageBytes: number, codec?: number) => ({ maxMessageBytes, codec, targetAppendTime: false })

test('after a new limit the batch is sent again, after the same limit it is not', () => {
  const shared = topic()
  assert.equal(adoptLimits(shared, limits(500), true), true)
  assert.equal(adoptLimits(shared, limits(500), true), false)
  assert.deepEqual([shared.maxMessageBytes, shared.limitsRead], [500, 1])
})

test('the codec of the target topic is used after a refusal, as long as it is set', () => {
  const shared = topic()
  assert.equal(adoptLimits(shared, limits(1000, 0), false), false)
  assert.equal(shared.recodeTo, undefined)
  assert.equal(adoptLimits(shared, limits(1000, 0), true), true)
  assert.equal(shared.recodeTo, 0)
  assert.equal(adoptLimits(shared, limits(1000, 0), true), false)
  assert.equal(adoptLimits(shared, limits(1000), false), true)
  assert.equal(shared.recodeTo, undefined)
})
