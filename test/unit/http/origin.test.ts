import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isForeign } from '../../../src/http/origin.ts'

test('programs, which name no origin, are let through', () => {
  assert.equal(isForeign({ host: 'godwit.kafka.svc:9099' }), false)
  assert.equal(isForeign({ host: '127.0.0.1:9099', 'sec-fetch-site': 'none' }), false)
})

test('a page of the same address and port is let through', () => {
  for (const host of ['127.0.0.1:9099', 'localhost:9099', '[::1]:9099', '10.1.2.3:9099'])
    assert.equal(isForeign({ host, origin: `http://${host}`, 'sec-fetch-site': 'same-origin' }), false, host)
})

test('a page of another site is refused, whatever it calls itself', () => {
  const host = '127.0.0.1:9099'
  for (const origin of ['https://evil.example', 'http://127.0.0.1:8080', 'http://localhost:9099', 'null', 'nonsense'])
    assert.equal(isForeign({ host, origin }), true, origin)
  assert.equal(isForeign({ host, 'sec-fetch-site': 'cross-site' }), true)
  assert.equal(isForeign({ host, 'sec-fetch-site': 'same-site' }), true)
})

test('a name that its owner has pointed at this machine is no way in', () => {
  const host = 'evil.example:9099'
  assert.equal(isForeign({ host, origin: `http://${host}`, 'sec-fetch-site': 'same-origin' }), true)
})
