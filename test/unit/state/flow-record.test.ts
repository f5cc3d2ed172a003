// The flow record, stored with the offset maps: the clusters of the flow, and the producer ids it has written with.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeFlowRecord, parseFlowRecord, parseMapBlockKey } from '../../../src/state/offset-map-record.ts'
import { OffsetMaps, offsetMapsTopic } from '../../../src/state/offset-maps.ts'

const flow = { source: 'A', target: 'B', sourceClusterId: 'one', targetClusterId: 'two', keepsNames: true }

test('the record keeps every producer id over restarts, and is written only when it changes', async () => {
  const appended: { key: Buffer | null; value: Buffer | null }[] = []
  const log = {
    topic: 'mm2-godwit-offset-map.A.internal',
    ensure: () => Promise.resolve(1),
    readAll: async (onRecord: (record: never) => void) => {
      for (const [offset, record] of appended.entries())
        onRecord({ ...record, partition: 0, offset, timestamp: 0 } as never)
    },
    append: (records: readonly { key: Buffer | null; value: Buffer | null }[]) => {
      appended.push(...records)
      return Promise.resolve()
    },
    close: () => Promise.resolve(),
  }
  const offsetStorage = { name: 'mm2-offsets.A.internal', partitions: 1, replicationFactor: 1, configs: {} }
  const warnings: string[] = []
  const logger = { warn: (text: string) => warnings.push(text) } as never
  const open = () => new OffsetMaps({ log, storage: offsetMapsTopic('A', offsetStorage), logger })
  const first = open()
  await first.load()
  first.noteFlow(flow, undefined)
  first.noteFlow(flow, 7n)
  await first.flush()
  first.noteFlow(flow, 7n)
  await first.flush()
  assert.equal(appended.length, 1)
  const second = open()
  await second.load()
  second.noteFlow(flow, 8n)
  await second.flush()
  const last = appended.at(-1)
  assert.equal(last?.key?.toString(), '["flow"]')
  assert.deepEqual(parseFlowRecord(last?.value as Buffer), { version: 1, ...flow, producerIds: ['7', '8'] })
  assert.deepEqual(warnings, [])
})

test('the key of the record is not a block key, so that earlier versions skip the record', () => {
  assert.equal(parseMapBlockKey(Buffer.from('["flow"]')), undefined)
})

test('an invalid record is ignored, and fields of a later version are ignored', () => {
  assert.equal(parseFlowRecord(Buffer.from('{"version":1}')), undefined)
  assert.equal(parseFlowRecord(encodeFlowRecord({ ...flow, producerIds: ['x'] })), undefined)
  assert.equal(parseFlowRecord(Buffer.from('no JSON')), undefined)
  const later = Buffer.from(JSON.stringify({ version: 2, ...flow, producerIds: ['7'], more: true }))
  assert.deepEqual(parseFlowRecord(later)?.producerIds, ['7'])
})
