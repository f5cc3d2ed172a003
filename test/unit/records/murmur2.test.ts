// murmur2 and the partition of a key, compared with values from Java.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { murmur2, partitionForKey } from '../../../src/records/murmur2.ts'

test('murmur2 returns the same values as in Kafka', () => {
  const vectors: [text: string, hash: number][] = [
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
    ['abc', 479470107],
  ]
  for (const [text, hash] of vectors) assert.equal(murmur2(Buffer.from(text)), hash, text)
})

test('an offsets key is stored in the partition that the Java client chooses', () => {
  const vectors: [key: string, partition: number][] = [
    ['["MirrorSourceConnector",{"cluster":"A","partition":0,"topic":"foo"}]', 16],
    ['["MirrorSourceConnector",{"cluster":"A","partition":1,"topic":"foo"}]', 17],
    ['["MirrorCheckpointConnector",{"partition":0,"topic":"A.foo","group":"g1"}]', 18],
    ['["MirrorHeartbeatConnector",{"sourceClusterAlias":"A","targetClusterAlias":"B"}]', 0],
  ]
  for (const [key, partition] of vectors) assert.equal(partitionForKey(Buffer.from(key), 25), partition, key)
})

test('a key within a larger buffer is hashed by its own bytes', () => {
  const whole = Buffer.from('xxfoobaryy')
  assert.equal(murmur2(whole.subarray(2, 8)), murmur2(Buffer.from('foobar')))
})
