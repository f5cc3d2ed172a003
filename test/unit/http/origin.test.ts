import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isForeign } from '../../../src/http/origin.ts'

test('requests without an Origin, as programs send them, are accepted', () => {
  assert.equal(isForeign({ host: 'godwit.kafka.svc:9099' }), false)
  assert.equal(isForeign({ host: '127.0.0.1:9099', 'sec-fetch-site': 'none' }), false)
})

test('a page from the same address and port is accepted', () => {
  for (const host of ['127.0.0.1:9099', 'localhost:9099', '[::1]:9099', '10.1.2.3:9099'])
    assert.equal(isForeign({ host, origin: `http://${host}`, 'sec-fetch-site': 'same-origin' }), false, host)
})

test('a page from another origin is refused', () => {
  const host = '127.0.0.1:9099'
  for (const origin of ['https://evil.example', 'http://127.0.0.1:8080', 'http://localhost:9099', 'null', 'nonsense'])
    assert.equal(isForeign({ host, origin }), true, origin)
  assert.equal(isForeign({ host, 'sec-fetch-site': 'cross-site' }), true)
  assert.equal(isForeign({ host, 'sec-fetch-site': 'same-site' }), true)
})

test('a host name that was pointed at this machine (DNS rebinding) is refused', () => {
  const host = 'evil.example:9099'
  assert.equal(isForeign({ host, origin: `http://${host}`, 'sec-fetch-site': 'same-origin' }), true)
})
