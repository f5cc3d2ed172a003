import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failure } from '../../../src/base/failure.ts'
import { addressText, parseAddress } from '../../../src/http/address.ts'

test('an address is read in every common form', () => {
  assert.deepEqual(parseAddress('127.0.0.1:9099'), { host: '127.0.0.1', port: 9099 })
  assert.deepEqual(parseAddress('[::1]:80'), { host: '::1', port: 80 })
  assert.deepEqual(parseAddress(':9404'), { host: '::', port: 9404 })
  assert.deepEqual(parseAddress('9404'), { host: '127.0.0.1', port: 9404 })
  assert.deepEqual(parseAddress('broker-1.example:0'), { host: 'broker-1.example', port: 0 })
})

test('an address with brackets is converted to text and back unchanged', () => {
  for (const text of ['[::1]:9099', 'host:1']) assert.equal(addressText(parseAddress(text)), text)
})

test('anything else is refused with an example', () => {
  for (const text of ['', 'host', 'host:', 'host:65536', '::1:9099', 'a b:1', 'host:1:2', 'http://host:1', 'on']) {
    assert.throws(
      () => parseAddress(text),
      (error: Failure) =>
        error instanceof Failure && error.code === 'USAGE' && /127\.0\.0\.1:9099/.test(error.remedy ?? ''),
      text,
    )
  }
})
