// Requests to reset positions as JSON, and the printed command.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { resetCommand } from '../../../src/base/reset-command.ts'
import { parsePositionsReset } from '../../../src/model/positions-reset.ts'

test('a reset request is validated strictly', () => {
  const partitions = [
    { partition: 0, to: 5 },
    { partition: 1, to: null },
  ]
  const topics = [{ topic: 'orders', sourceTopicId: '', partitions }]
  assert.deepEqual(parsePositionsReset({ topics }), { targetClusterId: '', topics, all: false })
  const wrong = (value: unknown) => String(parsePositionsReset(value))
  const ofPartitions = (...list: unknown[]) => wrong({ topics: [{ topic: 't', sourceTopicId: '', partitions: list }] })
  assert.match(wrong(null), /not a JSON object/)
  assert.match(wrong([]), /not a JSON object/)
  assert.match(wrong({ topics, all: 1 }), /all is neither/)
  assert.match(wrong({ topics, targetClusterId: 1 }), /targetClusterId is not a string/)
  assert.match(wrong({ topics: [5] }), /a topic is not an object/)
  assert.match(wrong({ topics: [{ topic: '' }] }), /has no name/)
  assert.match(wrong({ topics: [{ topic: 't' }] }), /sourceTopicId of t is not a string/)
  assert.match(wrong({ topics: [{ topic: 't', sourceTopicId: '' }] }), /partitions of t is not a list/)
  assert.match(ofPartitions({ partition: -1, to: 0 }), /has no number/)
  for (const to of [-1, 1.5, '5', undefined]) assert.match(ofPartitions({ partition: 0, to }), /to of t-0 is neither/)
  assert.match(ofPartitions({ partition: 0, to: 1 }, { partition: 0, to: 2 }), /t-0 is named twice/)
})

test('the printed command selects exactly one topic, whatever its name', () => {
  assert.equal(resetCommand({}), 'godwit positions reset mm2.properties --execute')
  assert.equal(
    resetCommand({ flow: 'A->B', topic: 'a.b_c-d', partition: 3, to: '12' }),
    "godwit positions reset mm2.properties --flow 'A->B' --topic '^a\\.b_c-d$' --partition 3 --to 12 --execute",
  )
})
