// The failure reported for a broker that cannot be reached, and whether it is retried.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failure, failures } from '../../../src/base/failure.ts'
import {
  type ConnectionContext,
  failureOfConnection,
  NO_ANSWER,
} from '../../../src/kafka/connection/connection-failure.ts'

const coded = (code: string, message = code) => Object.assign(new Error(message), { code })
const at = (parts: Partial<ConnectionContext> = {}): ConnectionContext => ({
  ...{ cluster: 'old', broker: 'b:9093', protocol: 'SSL', phase: 'connecting' },
  ...parts,
})

const cases: readonly (readonly [error: Error, place: Partial<ConnectionContext>, code: string, remedy: RegExp])[] = [
  [coded('ENOTFOUND'), {}, 'BROKER_UNREACHABLE', /old\.bootstrap\.servers.*DNS/],
  [coded('ECONNREFUSED'), {}, 'BROKER_UNREACHABLE', /broker runs/],
  [coded('SELF_SIGNED_CERT_IN_CHAIN'), {}, 'TLS_FAILED', /old\.ssl\.truststore\.location/],
  [coded('UNABLE_TO_VERIFY_LEAF_SIGNATURE'), {}, 'TLS_FAILED', /old\.ssl\.truststore\.location/],
  [coded('ERR_TLS_CERT_ALTNAME_INVALID'), {}, 'TLS_FAILED', /ssl\.endpoint\.identification\.algorithm/],
  [coded('CERT_HAS_EXPIRED'), {}, 'TLS_FAILED', /renew/],
  [coded('ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE'), {}, 'TLS_FAILED', /old\.ssl\.keystore\.location/],
  [coded('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED'), { phase: 'greeting' }, 'TLS_FAILED', /ssl\.keystore/],
  [coded('ERR_SSL_WRONG_VERSION_NUMBER'), {}, 'TLS_FAILED', /does not speak TLS/],
  [coded('ECONNRESET'), {}, 'BROKER_UNREACHABLE', /old\.security\.protocol \(now SSL\)/],
  [coded(NO_ANSWER), { protocol: 'PLAINTEXT' }, 'BROKER_UNREACHABLE', /firewalls/],
  [coded('ECONNRESET'), { protocol: 'PLAINTEXT', spokeTls: true }, 'TLS_FAILED', /security\.protocol to SSL/],
  [coded('ECONNRESET'), { protocol: 'SASL_PLAINTEXT', spokeTls: true }, 'TLS_FAILED', /to SASL_SSL/],
]
for (const [error, place, code, remedy] of cases) {
  test(`${error.message} ${JSON.stringify(place)} is ${code} with the right remedy`, () => {
    const failure = failureOfConnection(error, at(place))
    assert.equal(failure.code, code)
    assert.match(failure.remedy ?? '', remedy)
    assert.match(failure.message, /broker b:9093 of cluster old/)
  })
}

test('a TLS handshake that ends early is retried, because a restarting broker causes the same', () => {
  for (const phase of ['connecting', 'greeting'] as const) {
    assert.equal(failures[failureOfConnection(coded('ECONNRESET'), at({ phase })).code].verdict, 'retry')
  }
})

test('a connection that ends later is lost, not unreachable', () => {
  assert.equal(failureOfConnection(coded('ECONNRESET'), at({ phase: 'serving' })).code, 'CONNECTION_LOST')
  assert.equal(failureOfConnection(coded('ETIMEDOUT'), at({ phase: 'serving' })).code, 'CONNECTION_LOST')
})

test('the reason is found in error causes and in the parts of an AggregateError, as for localhost', () => {
  const both = new AggregateError([coded('ECONNREFUSED', '::1'), coded('ECONNREFUSED', '127.0.0.1')], '')
  assert.match(failureOfConnection(both, at()).message, /nothing listens on this port/)
  const wrapped = new Error('outer', { cause: new Error('middle', { cause: coded('ENOTFOUND') }) })
  assert.match(failureOfConnection(wrapped, at()).message, /host name cannot be resolved/)
})

test('a Failure is returned unchanged, circular causes end, and unknown errors are internal', () => {
  const known = new Failure('NOT_AUTHORIZED', 'x')
  assert.equal(failureOfConnection(new Error('y', { cause: known }), at()), known)
  const circle = new Error('round')
  circle.cause = circle
  assert.equal(failureOfConnection(circle, at()).code, 'INTERNAL')
})
