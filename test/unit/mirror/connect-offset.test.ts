// Keys and values of Connect's offsets topic: recorded bytes of Java, and what a reader must accept.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  encodeSourceKey,
  encodeSourceOffset,
  mirrorSourceConnector,
  parseSourceKey,
  parseSourceOffset,
} from '../../../src/mirror/connect-offset.ts'

const source = (topic: string, partition: number, cluster = 'A') => ({
  connector: mirrorSourceConnector,
  cluster,
  topic,
  partition,
})
const bytes = (text: string) => Buffer.from(text)

test("a key has its members in the order of Java's keys", () => {
  const key = encodeSourceKey(source('foo', 0)).toString()
  assert.equal(key, '["MirrorSourceConnector",{"cluster":"A","partition":0,"topic":"foo"}]')
})

test('text is escaped as by Jackson', () => {
  const key = encodeSourceKey(source('foo', 0, 'q" b\\ /\x7f\b\t\n\f\r\x01\x1f ü € \u2028 😀')).toString()
  const alias = 'q\\" b\\\\ /\x7f\\b\\t\\n\\f\\r\\u0001\\u001F ü € \u2028 \\uD83D\\uDE00'
  assert.equal(key, `["MirrorSourceConnector",{"cluster":"${alias}","partition":0,"topic":"foo"}]`)
})

test('any written text is read back', () => {
  const text = fc.string({ unit: 'binary' })
  fc.assert(
    fc.property(text, text, fc.nat(), (cluster, topic, partition) => {
      const key = source(topic, partition, cluster)
      assert.deepEqual(parseSourceKey(encodeSourceKey(key)), { kind: 'source', ...key })
    }),
  )
})

test('a key is read with any order of its members and any white space', () => {
  const key = parseSourceKey(bytes(' [ "MirrorSourceConnector" , {"topic":"foo", "cluster":"A","partition":7} ] '))
  assert.deepEqual(key, { kind: 'source', ...source('foo', 7) })
})

test('keys of the other connectors are recognized', () => {
  for (const key of [
    '["MirrorCheckpointConnector",{"partition":0,"topic":"A.foo","group":"g1"}]',
    '["MirrorHeartbeatConnector",{"sourceClusterAlias":"A","targetClusterAlias":"B"}]',
    '["file-source",{"filename":"/tmp/x"}]',
  ]) {
    assert.deepEqual(parseSourceKey(bytes(key)), { kind: 'other' }, key)
  }
})

test('an invalid key is reported as invalid, without an exception', () => {
  const garbled = [
    '',
    'foo',
    '{}',
    '[]',
    '["MirrorSourceConnector"]',
    '["MirrorSourceConnector",[]]',
    '[1,{"cluster":"A","partition":0,"topic":"foo"}]',
    '["MirrorSourceConnector",{"cluster":"A","topic":"foo"}]',
    '["MirrorSourceConnector",{"cluster":"A","partition":"0","topic":"foo"}]',
    '["MirrorSourceConnector",{"cluster":"A","partition":0.0,"topic":"foo"}]',
    '["MirrorSourceConnector",{"cluster":"A","partition":-1,"topic":"foo"}]',
    '["MirrorSourceConnector",{"cluster":"A","partition":0,"topic":5}]',
  ]
  for (const key of garbled) assert.deepEqual(parseSourceKey(bytes(key)), { kind: 'garbled' }, key)
  assert.deepEqual(parseSourceKey(Buffer.from([0xff, 0xfe])), { kind: 'garbled' })
  assert.deepEqual(parseSourceKey(null), { kind: 'garbled' })
})

test('arbitrary bytes never cause an exception in a reader', () => {
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array(), fc.json().map(bytes)), (any) => {
      assert.ok(['source', 'other', 'garbled'].includes(parseSourceKey(any).kind))
      assert.ok(['stored', 'none', 'garbled'].includes(parseSourceOffset(any).kind))
    }),
  )
})

test('a value is the offset of the last replicated record', () => {
  assert.equal(encodeSourceOffset(123).toString(), '{"offset":123}')
  assert.deepEqual(parseSourceOffset(bytes('{"offset":123}')), { kind: 'stored', offset: 123 })
  assert.deepEqual(parseSourceOffset(bytes('{ "offset" : 0, "x": 1 }')), { kind: 'stored', offset: 0 })
})

test('null, a missing or a negative offset means that none is stored', () => {
  assert.deepEqual(parseSourceOffset(null), { kind: 'none' })
  for (const value of ['null', '{}', '{"offset":null}', '{"offset":-1}']) {
    assert.deepEqual(parseSourceOffset(bytes(value)), { kind: 'none' }, value)
  }
})

test('an offset that is not a whole number, or too large for a number, is invalid', () => {
  for (const value of [
    '{"offset":1.0}',
    '{"offset":1e3}',
    '{"offset":"1"}',
    '{"offset":9007199254740993}',
    '[]',
    '7',
    '',
  ]) {
    assert.deepEqual(parseSourceOffset(bytes(value)), { kind: 'garbled' }, value)
  }
})
