// The list of Kafka's error codes, and what becomes of a code.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { failures } from '../../../src/base/failure.ts'
import {
  failureOfAnswer,
  failureOfCode,
  wireErrorName,
  wireErrors,
  wordsOfCode,
} from '../../../src/kafka/wire-errors.ts'

test('every code from -1 to 133 has a name of its own and a failure of the table', () => {
  const codes = Array.from({ length: 135 }, (_, i) => i - 1).filter((code) => code !== 0)
  assert.deepEqual(
    codes.filter((code) => !wireErrors[code]),
    [],
  )
  assert.equal(new Set(codes.map(wireErrorName)).size, codes.length)
  assert.deepEqual(
    codes.filter((code) => !(failureOfCode(code).code in failures)),
    [],
  )
})

test('what Java would try again never stops a flow for good', () => {
  const stopping = Object.entries(wireErrors).filter(([, { failure, retriable }]) => {
    const { verdict } = failures[failure]
    return retriable && verdict === 'halt'
  })
  assert.deepEqual(stopping, [])
})

test('a code newer than the list is tried again and named by its number', () => {
  const failure = failureOfCode(4711, { cluster: 'old' })
  assert.equal(failures[failure.code].verdict, 'retry')
  assert.match(failure.message, /error 4711/)
})

test('a failure tells cluster, place, the reason and the code, and how to mend it', () => {
  const failure = failureOfCode(29, { cluster: 'old', topic: 'orders' })
  assert.equal(failure.code, 'NOT_AUTHORIZED')
  assert.equal(
    failure.message,
    'cluster old refuses a request about topic orders: the user may not do this with the topic (TOPIC_AUTHORIZATION_FAILED)',
  )
  assert.match(failure.remedy ?? '', /on topic orders/)
  assert.equal(failure.circumstances.wireCode, 29)
  assert.match(failureOfCode(6, { cluster: 'old', topic: 'orders', partition: 3 }).message, /about orders-3: /)
})

test("the broker's own words are kept, and the caller's sentence and remedy win", () => {
  assert.match(
    failureOfAnswer(44, ' no more than 3 ', { cluster: 'a' }).message,
    /: no more than 3 \(POLICY_VIOLATION\)$/,
  )
  assert.match(failureOfAnswer(44, null, { cluster: 'a' }).message, /a policy of the cluster forbids it/)
  assert.equal(wordsOfCode(87, ''), 'INVALID_RECORD')
  const own = failureOfCode(58, { cluster: 'a', remedy: 'mine' }, 'said')
  assert.deepEqual([own.message, own.remedy], ['said', 'mine'])
})
