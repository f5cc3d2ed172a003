// Reading a state topic to its end: every partition, only committed records, in spite of failures.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failure } from '../../../src/base/failure.ts'
import { encodeBatch } from '../../../src/batch/records.ts'
import { readLog } from '../../../src/records/log-reader.ts'
import { eventually } from '../../harness/eventually.ts'
import { MemoryBroker } from '../state/memory-broker.ts'

const GZIP = 1
const batch = (values: string[], codec = 0) =>
  encodeBatch(
    values.map((value) => ({ timestamp: 5, key: Buffer.from('k'), value: Buffer.from(value), headers: [] })),
    { codec },
  )

const untilFetched = (broker: MemoryBroker, least: number) =>
  eventually(
    () => broker.fetches,
    (count) => count >= least,
  )

async function read(broker: MemoryBroker): Promise<string[]> {
  const found: string[] = []
  await readLog(broker.access, ({ key, value, partition, offset, timestamp }) => {
    assert.deepEqual([key?.toString(), timestamp], ['k', 5])
    found.push(`${partition}:${offset}=${value?.toString()}`)
  })
  return found
}

test('every partition is read to its end, compressed or not, over several fetches', async () => {
  const broker = new MemoryBroker(3, 2)
  broker.fetchBytes = 1
  broker.append(0, batch(['a', 'b']))
  broker.append(0, batch(['c'], GZIP))
  broker.append(1, batch(['d']))
  assert.deepEqual((await read(broker)).toSorted(), ['0:0=a', '0:1=b', '0:2=c', '1:0=d'])
  assert.ok(broker.fetches >= 3)
})

test('an empty topic needs no fetch', async () => {
  const broker = new MemoryBroker(25)
  assert.deepEqual(await read(broker), [])
  assert.equal(broker.fetches, 0)
})

test('reading starts at the log start, even within a batch', async () => {
  const broker = new MemoryBroker(1)
  broker.append(0, batch(['a', 'b', 'c']))
  const [log] = broker.logs
  if (log) log.start = 1
  assert.deepEqual(await read(broker), ['0:1=b', '0:2=c'])
})

test('reading continues after a moved leader and a lost connection, and delivers nothing twice', async () => {
  const broker = new MemoryBroker(1)
  broker.fetchBytes = 1
  broker.append(0, batch(['a']))
  broker.append(0, batch(['b']))
  broker.faults.set(0, [{ lost: true }, { error: 6 }])
  assert.deepEqual(await read(broker), ['0:0=a', '0:1=b'])
  assert.equal(broker.refreshed, 3)
})

test('records of aborted transactions are left out', async () => {
  const broker = new MemoryBroker(1)
  const transactional = (values: string[], producerId: number) => {
    const stamp = { idHigh: 0, idLow: producerId, epoch: 0 }
    const records = values.map((value) => ({
      timestamp: 5,
      key: Buffer.from('k'),
      value: Buffer.from(value),
      headers: [],
    }))
    return marked(encodeBatch(records, { stamp, sequence: 0 }), 0x10)
  }
  broker.append(0, transactional(['aborted'], 7))
  broker.append(0, transactional(['kept'], 8))
  broker.append(0, marker(7, 0))
  broker.append(0, transactional(['later'], 7))
  const [log] = broker.logs
  if (log) log.aborted = [{ producerId: 7n, firstOffset: 0 }]
  assert.deepEqual(await read(broker), ['0:1=kept', '0:3=later'])
})

test('a damaged batch stops the reading and is named', async () => {
  const broker = new MemoryBroker(1)
  broker.append(0, batch(['a']))
  broker.append(0, batch(['b']))
  const damaged = broker.logs[0]?.batches[1]
  damaged?.writeUInt8(0xff, damaged.length - 2)
  await assert.rejects(read(broker), (error) => {
    assert.ok(error instanceof Failure)
    assert.equal(error.code, 'STATE_UNREADABLE')
    assert.match(error.message, /batch at offset 1 of mm2-offsets\.A\.internal-0 on cluster B is damaged/)
    return true
  })
})

test('a permanent refusal is thrown to the caller', async () => {
  const broker = new MemoryBroker(1)
  broker.append(0, batch(['a']))
  broker.faults.set(0, [{ error: 29 }])
  await assert.rejects(read(broker), (error) => error instanceof Failure && error.code === 'NOT_AUTHORIZED')
})

test('reading waits for records behind an open transaction', async (context) => {
  const broker = new MemoryBroker(1)
  broker.append(0, batch(['a']))
  broker.append(0, batch(['b']))
  const [log] = broker.logs
  if (log) log.stable = 1
  const reading = read(broker)
  await untilFetched(broker, 3)
  if (log) log.stable = 2
  assert.deepEqual(await reading, ['0:0=a', '0:1=b'])

  if (log) log.stable = 1
  context.mock.timers.enable({ apis: ['Date'], now: Date.now() })
  const stuck = read(broker)
  const before = broker.fetches
  await untilFetched(broker, before + 2)
  context.mock.timers.tick(61_000)
  await assert.rejects(stuck, (error) => {
    assert.ok(error instanceof Failure)
    assert.equal(error.code, 'BROKER_BUSY')
    assert.match(error.message, /open transaction hides the records from offset 1 on/)
    assert.match(error.remedy ?? '', /exactly-once MirrorMaker 2/)
    return true
  })
})

const ATTRIBUTES = 21

/** Sets attribute bits and recalculates the checksum. */
function marked(encoded: Buffer, bits: number): Buffer {
  encoded.writeInt16BE(encoded.readInt16BE(ATTRIBUTES) | bits, ATTRIBUTES)
  encoded.writeUInt32BE(checksum(encoded.subarray(ATTRIBUTES)), 17)
  return encoded
}

function marker(producerId: number, type: number): Buffer {
  const stamp = { idHigh: 0, idLow: producerId, epoch: 0 }
  const record = {
    timestamp: 5,
    key: Buffer.from([0, 0, 0, type]),
    value: Buffer.from([0, 0, 0, 0, 0, 0]),
    headers: [],
  }
  return marked(encodeBatch([record], { stamp, sequence: -1 }), 0x30)
}

/** CRC-32C bit by bit: slow, but independent of the code under test. */
function checksum(bytes: Buffer): number {
  let crc = 0xffffffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1
  }
  return (crc ^ 0xffffffff) >>> 0
}
