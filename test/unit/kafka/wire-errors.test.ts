// The list of Kafka's error codes, and the failure for each.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { failures } from '../../../src/base/failure.ts'
import {
  describeCode,
  failureOfAnswer,
  failureOfCode,
  wireErrorName,
  wireErrors,
} from '../../../src/kafka/wire-errors.ts'

test('every code from -1 to 133 has its own name and a failure of the table', () => {
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

test("an error that Java's clients retry never stops a flow permanently", () => {
  const stopping = Object.entries(wireErrors).filter(([, { failure, retriable }]) => {
    const { verdict } = failures[failure]
    return retriable && verdict === 'halt'
  })
  assert.deepEqual(stopping, [])
})

test('a code newer than the list is retried and reported by its number', () => {
  const failure = failureOfCode(4711, { cluster: 'old' })
  assert.equal(failures[failure.code].verdict, 'retry')
  assert.match(failure.message, /error 4711/)
})

test('a failure names the cluster and topic, the reason, the code and the remedy', () => {
  const failure = failureOfCode(29, { cluster: 'old', topic: 'orders' })
  assert.equal(failure.code, 'NOT_AUTHORIZED')
  assert.equal(
    failure.message,
    'cluster old rejects a request about topic orders: the user lacks a permission on the topic (TOPIC_AUTHORIZATION_FAILED)',
  )
  assert.match(failure.remedy ?? '', /on topic orders/)
  assert.equal(failure.circumstances.wireCode, 29)
  assert.match(failureOfCode(6, { cluster: 'old', topic: 'orders', partition: 3 }).message, /about orders-3: /)
})

test("the broker's message is kept, and the caller's sentence and remedy override the default ones", () => {
  assert.match(
    failureOfAnswer(44, ' no more than 3 ', { cluster: 'a' }).message,
    /: no more than 3 \(POLICY_VIOLATION\)$/,
  )
  assert.match(failureOfAnswer(44, null, { cluster: 'a' }).message, /a policy of the cluster forbids it/)
  assert.equal(describeCode(87, ''), 'INVALID_RECORD')
  const own = failureOfCode(58, { cluster: 'a', remedy: 'mine' }, 'said')
  assert.deepEqual([own.message, own.remedy], ['said', 'mine'])
})

test("printed Java objects are removed from the broker's messages", () => {
  const request =
    'Request(processor=0, connectionId=127.0.0.1:9092-127.0.0.1:53422-0-4, session=Session(User:alice,/127.0.0.1), listenerName=ListenerName(SASL_SSL), securityProtocol=SASL_SSL, buffer=null, envelope=None)'
  const words: readonly (readonly [code: number, message: string, said: string])[] = [
    // AuthHelper.authorizeClusterOperation, of Kafka 2.0 to 4.3
    [
      31,
      `Request ${request} is not authorized.`,
      'the user lacks a permission on the cluster (CLUSTER_AUTHORIZATION_FAILED)',
    ],
    [
      31,
      `Request ${request} needs ALTER permission.`,
      'the request needs ALTER permission. (CLUSTER_AUTHORIZATION_FAILED)',
    ],
    // ConfigAdminManager and ConfigurationControlManager
    [
      40,
      "Invalid value -7 for configuration retention.ms of ConfigResource(type=TOPIC, name='orders'): too small",
      'Invalid value -7 for configuration retention.ms of topic orders: too small (INVALID_CONFIG)',
    ],
    [44, 'org.apache.kafka.common.errors.PolicyViolationException: no\n\tway', 'no way (POLICY_VIOLATION)'],
    [
      37,
      'Topic currently has 3 partitions, which is higher than the requested 1.',
      'Topic currently has 3 partitions, which is higher than the requested 1. (INVALID_PARTITIONS)',
    ],
  ]
  for (const [code, message, said] of words) assert.equal(describeCode(code, message), said)
  assert.match(describeCode(17, `Topic name '${'x'.repeat(5000)}' is illegal`), /^Topic name 'x+ \.\.\. x+' is illegal/)
  assert.ok(describeCode(17, `Topic name '${'x'.repeat(5000)}' is illegal`).length < 550)
})
