// How a failed partition is retried and reported.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failure } from '../../../src/base/failure.ts'
import { PartitionCopy } from '../../../src/replicate/partition-copy.ts'

const topic = {
  ...{ topic: 'orders', targetTopic: 'orders', sourceId: '', targetId: '', maxMessageBytes: 1000 },
  ...{ targetAppendTime: false, recodeTo: undefined, limitsRead: 0 },
}
const tooLarge = new Failure('TOO_LARGE', 'the record at offset 5 is too large')

test('a failure is reported once, keeps its start time, and is reported again after progress', () => {
  const copy = new PartitionCopy(topic, 0)
  assert.equal(copy.fail(tooLarge, 1000), true)
  assert.equal(copy.fail(tooLarge, 4000), false)
  assert.deepEqual([copy.state, copy.failures.since], ['quarantined', 1000])
  assert.equal(copy.fail(new Failure('TOO_LARGE', 'another record'), 5000), true)
  assert.equal(copy.failures.since, 1000)
  copy.failures.over()
  assert.equal(copy.fail(tooLarge, 9000), true)
  assert.equal(copy.failures.since, 9000)
})

test('a transient failure is retried waitUntil, a quarantined one less often, a final one not at all', () => {
  const copy = new PartitionCopy(topic, 0)
  assert.equal(copy.fail(new Failure('BROKER_BUSY', 'busy'), 0), false)
  assert.ok(copy.failures.retryAt < 100)
  assert.equal(copy.state, 'recovering')
  const pauses = Array.from({ length: 9 }, () => {
    copy.fail(tooLarge, 0)
    return copy.failures.retryAt
  })
  assert.ok((pauses[0] ?? 0) >= 3000 && (pauses[0] ?? 0) <= 5000, String(pauses))
  assert.ok((pauses.at(-1) ?? 0) >= 24_000 && (pauses.at(-1) ?? 0) <= 36_000, String(pauses))
  copy.fail(new Failure('TOPIC_RECREATED', 'recreated'), 0)
  assert.equal(copy.failures.retryAt, Number.POSITIVE_INFINITY)
})
