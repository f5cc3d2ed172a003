// How partitions in trouble are tried again and told of.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failure } from '../../../src/base/failure.ts'
import { PartitionCopy } from '../../../src/engine/replicate/partition-copy.ts'
import { Troubles } from '../../../src/engine/replicate/troubles.ts'

const topic = {
  ...{ topic: 'orders', targetTopic: 'orders', sourceId: '', targetId: '', maxMessageBytes: 1000 },
  ...{ targetAppendTime: false, recodeTo: undefined, limitsRead: 0 },
}
const tooLarge = new Failure('TOO_LARGE', 'the record at offset 5 is too large')

test('a trouble is reported once, keeps its start time, and is reported again after progress', () => {
  const troubles = new Troubles()
  const copy = new PartitionCopy(topic, 0)
  assert.equal(troubles.begin(copy, tooLarge, 1000), true)
  assert.equal(troubles.begin(copy, tooLarge, 4000), false)
  assert.deepEqual([copy.state, copy.failedSince], ['quarantined', 1000])
  assert.equal(troubles.begin(copy, new Failure('TOO_LARGE', 'another record'), 5000), true)
  assert.equal(copy.failedSince, 1000)
  troubles.over(copy)
  assert.equal(troubles.begin(copy, tooLarge, 9000), true)
  assert.equal(copy.failedSince, 9000)
})

test('transient failures are retried soon and not reported, others ever later, decisions never', () => {
  const troubles = new Troubles()
  const copy = new PartitionCopy(topic, 0)
  assert.equal(troubles.begin(copy, new Failure('BROKER_BUSY', 'busy'), 0), false)
  assert.ok(copy.retryAt < 100)
  assert.equal(copy.state, 'settling')
  const pauses = Array.from({ length: 9 }, () => {
    troubles.begin(copy, tooLarge, 0)
    return copy.retryAt
  })
  assert.ok((pauses[0] ?? 0) >= 3000 && (pauses[0] ?? 0) <= 5000, String(pauses))
  assert.ok((pauses.at(-1) ?? 0) >= 24_000 && (pauses.at(-1) ?? 0) <= 36_000, String(pauses))
  troubles.begin(copy, new Failure('TOPIC_RECREATED', 'recreated'), 0)
  assert.equal(copy.retryAt, Number.POSITIVE_INFINITY)
})
