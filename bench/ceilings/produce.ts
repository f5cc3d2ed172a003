// Produce-only ceiling: loads some batches of a topic into memory and writes them repeatedly, one batch per partition and
// request, several requests in flight, all partitions in turn.
//   produce.ts SOURCE TARGET TOPIC TARGET_TOPIC PARTITIONS RECORDS SECONDS
// Ends after that many records or seconds. Prints one line of JSON: records and seconds.
import type { RawConnection } from '../../src/kafka/raw-connection.ts'
import { ProduceRequest } from '../../src/kafka/raw-produce.ts'
import { RequestWriter } from '../../src/kafka/request-writer.ts'
import { connectTo } from '../broker-client.ts'
import { readTopic } from './topic-reader.ts'

const IN_FLIGHT = 4
const REQUEST_BYTES = 4 * 1024 * 1024
const SCRATCH_BYTES = REQUEST_BYTES + 1024 * 1024
const STOCK_BYTES = 32 * 1024 * 1024
const TIMEOUT_MS = 30_000

interface StockBatch {
  readonly bytes: Buffer
  readonly records: number
}

const [source = '', target = '', topic = '', targetTopic = '', partitionsWord, recordsWord, secondsWord] =
  process.argv.slice(2)
const partitions = Number(partitionsWord)
const wanted = Number(recordsWord)
const deadlineSeconds = Number(secondsWord)

const stock = await takeStock()
const connection = await connectTo(target)
let sent = 0
let acknowledged = 0
let turn = 0
const start = performance.now()
await Promise.all(Array.from({ length: IN_FLIGHT }, () => keepSending(connection)))
console.log(JSON.stringify({ records: acknowledged, seconds: (performance.now() - start) / 1000 }))
connection.close()

/** The first batches of every partition, with base offset 0 as Produce requires. */
async function takeStock(): Promise<StockBatch[][]> {
  const shelves: StockBatch[][] = Array.from({ length: partitions }, () => [])
  const held: number[] = shelves.map(() => 0)
  await readTopic(source, topic, [...shelves.keys()], (partition, bytes, batch) => {
    const copy = Buffer.from(bytes.subarray(batch.at, batch.at + batch.size))
    copy.writeBigInt64BE(0n, 0)
    shelves[partition]?.push({ bytes: copy, records: batch.records })
    held[partition] = (held[partition] ?? 0) + batch.size
    return (held[partition] ?? 0) < STOCK_BYTES / partitions
  })
  return shelves
}

async function keepSending(connection: RawConnection): Promise<void> {
  const request = new ProduceRequest(Buffer.allocUnsafeSlow(SCRATCH_BYTES))
  const writer = new RequestWriter()
  while (sent < wanted && performance.now() - start < deadlineSeconds * 1000) {
    const records = pack(connection, request, writer)
    sent += records
    const { partitions: answers } = await request.send(connection, TIMEOUT_MS, () => {})
    const refused = answers.find((answer) => answer.error !== 0)
    if (refused) throw new Error(`${targetTopic}-${refused.partition} was refused with error ${refused.error}`)
    acknowledged += records
  }
}

/** One batch for each partition, as many partitions as fit. */
function pack(connection: RawConnection, request: ProduceRequest, writer: RequestWriter): number {
  request.begin(connection, writer, -1, TIMEOUT_MS)
  let records = 0
  for (let i = 0; i < partitions && request.size < REQUEST_BYTES; i++) {
    const partition = turn % partitions
    const shelf = stock[partition] ?? []
    const batch = shelf[Math.floor(turn / partitions) % shelf.length]
    turn++
    if (!batch) continue
    request.add(targetTopic, partition, batch.bytes, 0, batch.bytes.length)
    records += batch.records
  }
  return records
}
