// Reads partitions of one topic from the beginning as fast as one connection allows, without decoding records.
import { fetchVersion, rawFetch } from '../../src/kafka/raw-fetch.ts'
import { RequestWriter } from '../../src/kafka/request-writer.ts'
import { connectTo } from '../broker-client.ts'
import { type BatchSpan, batchesIn } from './batches.ts'

const ANSWER_BYTES = 8 * 1024 * 1024
const PARTITION_BYTES = 1024 * 1024
/** A broker sends the first batch completely even if it is larger than requested. */
const SPARE_BYTES = 2 * 1024 * 1024

/** Reads until `onBatch` has returned false for every partition, or everything up to the high watermark was read. */
export async function readTopic(
  bootstrap: string,
  topic: string,
  partitions: readonly number[],
  onBatch: (partition: number, bytes: Buffer, batch: BatchSpan) => boolean,
): Promise<void> {
  const connection = await connectTo(bootstrap)
  const version = fetchVersion(connection, false)
  const writer = new RequestWriter()
  const into = Buffer.allocUnsafeSlow(ANSWER_BYTES + SPARE_BYTES)
  let order = [...partitions]
  const offsets = new Map(partitions.map((partition) => [partition, 0]))
  while (offsets.size > 0) {
    const answer = await rawFetch(connection, version, request(topic, order, offsets), writer, into)
    for (const { partition, error, start, end, highWatermark } of answer.partitions) {
      if (error !== 0) throw new Error(`fetch of ${topic}-${partition} was answered with error ${error}`)
      let wanted = true
      for (const batch of batchesIn(answer.bytes, start, end)) {
        offsets.set(partition, batch.nextOffset)
        wanted &&= onBatch(partition, answer.bytes, batch)
      }
      if (!wanted || (offsets.get(partition) ?? 0) >= highWatermark) offsets.delete(partition)
    }
    order = served(order, answer.partitions.filter((p) => p.end > p.start).length)
  }
  connection.close()
}

/** A response has room for a few partitions only: partitions with data move to the end, so that all get their turn. */
function served(order: readonly number[], count: number): number[] {
  return [...order.slice(count), ...order.slice(0, count)]
}

function request(topic: string, order: readonly number[], offsets: ReadonlyMap<number, number>) {
  const partitions = order.flatMap((partition) => {
    const fetchOffset = offsets.get(partition)
    if (fetchOffset === undefined) return []
    return [{ partition, leaderEpoch: -1, fetchOffset, lastFetchedEpoch: -1, maxBytes: PARTITION_BYTES }]
  })
  return {
    maxWaitMs: 500,
    minBytes: 1,
    maxBytes: ANSWER_BYTES,
    readCommitted: false,
    rack: '',
    sessionId: 0,
    sessionEpoch: -1,
    topics: [{ topic, topicId: '', partitions }],
    forgotten: [],
  }
}
