// Offset maps that are displayed and removed.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { silentLogger } from '../../../src/base/logger.ts'
import { OffsetMap } from '../../../src/mirror/offset-map.ts'
import { OffsetMaps, offsetMapsTopic } from '../../../src/state/offset-maps.ts'
import { MemoryLog } from './memory-log.ts'

const storage = offsetMapsTopic('A', {
  name: 'mm2-offsets.A.internal',
  partitions: 25,
  replicationFactor: 1,
  configs: {},
})

test('a map shows its range, and a removed map stays removed', async () => {
  const log = new MemoryLog(storage.name, 1)
  const owner = { topic: 'foo', partition: 0, sourceTopicId: 's', targetTopicId: 't' }
  const written = new OffsetMaps({ log, storage, logger: silentLogger })
  await written.load()
  const map = new OffsetMap()
  map.start({ upstream: 10, downstream: 0 }, true)
  // More entries than fit into one block.
  for (let i = 0; i < 600; i++) map.note(20 + i * 3, 5 + i)
  written.note(owner, map)
  await written.flush()

  const read = new OffsetMaps({ log, storage, logger: silentLogger })
  await read.load()
  assert.deepEqual(read.partitions, [{ topic: 'foo', partition: 0 }])
  const extent = read.extentOf('foo', 0)
  assert.deepEqual([extent?.from, extent?.to], [10, 20 + 599 * 3])
  assert.ok((extent?.entries ?? 0) > 512)
  assert.equal(read.extentOf('foo', 1), undefined)
  read.forget('foo', 0)
  read.forget('foo', 1)
  await read.flush()
  assert.deepEqual(read.partitions, [])

  const again = new OffsetMaps({ log, storage, logger: silentLogger })
  await again.load()
  assert.deepEqual(again.partitions, [])
  assert.equal(again.take(owner), undefined)
})
