// MM2's stored offsets, both ways: Connect's own classes read what godwit writes, godwit reads what they write.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { encodeSourceKey, encodeSourceOffset, mirrorSourceConnector } from '../../src/mirror/connect-offset.ts'
import { partitionForKey } from '../../src/mirror/murmur2.ts'
import { convertOffsets } from '../harness/offsets-oracle.ts'

/** Text that UTF-8 can carry to the oracle: no lone surrogates. */
const text = fc.string({ unit: 'binary' }).filter((any) => any.isWellFormed())
const awkward = fc.constantFrom('us-west', 'q" \\ / \x7f', '\b\t\n\f\r\0\x1f', 'ü € \u2028', '😀', '')
const someOffset = fc.record({
  connector: fc.oneof(fc.constant(mirrorSourceConnector), text),
  cluster: fc.oneof(awkward, text),
  topic: fc.oneof(fc.stringMatching(/^[a-zA-Z0-9._-]{1,30}$/), text),
  partition: fc.nat(),
  offset: fc.maxSafeNat(),
})

test('keys, values and partitions are those of Connect, byte for byte, and Connect finds them', async () => {
  const cases = fc.sample(someOffset, { numRuns: 2000, seed: 42 }).map((one) => {
    return { ...one, key: encodeSourceKey(one), value: encodeSourceOffset(one.offset) }
  })
  const java = await convertOffsets(cases)
  assert.equal(java.length, cases.length)
  for (const [i, { key, value, offset }] of cases.entries()) {
    const expected = {
      key: key.toString(),
      value: value.toString(),
      partitionOf25: partitionForKey(key, 25),
      found: `${offset}`,
    }
    assert.deepEqual(expected, java[i])
  }
})

test('Connect does not find a key whose members stand in another order', async () => {
  const place = { connector: mirrorSourceConnector, cluster: 'A', topic: 'foo', partition: 0 }
  const key = Buffer.from('["MirrorSourceConnector",{"topic":"foo","partition":0,"cluster":"A"}]')
  const [answer] = await convertOffsets([{ ...place, offset: 5, key, value: encodeSourceOffset(5) }])
  assert.equal(answer?.found, 'none')
})
