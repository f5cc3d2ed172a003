// One side of a partition for the comparison: batches in memory, returned in slices of any size.
import { baseOffsetOf, lastOffsetDeltaOf, sizeOf } from '../../../src/batch/header.ts'
import { decodeBatch, encodeBatch, type NewRecord } from '../../../src/batch/records.ts'
import type { RecordStream } from '../../../src/verify/compare/tape.ts'
import type { OnRecord, PartitionSide } from '../../../src/verify/read/side.ts'

/** Batches as in a log: records in batches of these sizes, in turn, with offsets from 0 on. */
export function logOf(
  records: readonly NewRecord[],
  sizes: readonly number[],
  codecs: readonly number[] = [0],
): Buffer[] {
  const batches: Buffer[] = []
  for (let at = 0, turn = 0; at < records.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1
    const part = records.slice(at, at + size)
    const batch = encodeBatch(part, { codec: codecs[turn % codecs.length] ?? 0 })
    batch.writeBigInt64BE(BigInt(at))
    batches.push(batch)
    at += part.length
  }
  return batches
}

/** What PartitionSide does, for batches in memory; `answer` batches are returned at a time. */
export function sideOf(cluster: string, batches: readonly Buffer[], answer = 3): PartitionSide {
  const end = batches.reduce((last, batch) => Math.max(last, behind(batch)), 0)
  const from = (offset: number) => batches.filter((batch) => behind(batch) > offset)
  const side = {
    ...{ cluster, topic: 'orders', partition: 0, logEnd: end },
    fill(stream: RecordStream) {
      const bytes = Buffer.concat(from(stream.fetchNext).slice(0, answer))
      const isFed = stream.feed({ bytes, start: 0, end: bytes.length, aborted: [] })
      return Promise.resolve(isFed ? ('moved' as const) : ('end' as const))
    },
    look(offset: number, onRecord: OnRecord) {
      for (const batch of from(offset))
        for (const record of decodeBatch(batch, 0, sizeOf(batch, 0)))
          if (record.offset >= offset && !onRecord(record))
            return Promise.resolve({ ended: false, next: record.offset })
      return Promise.resolve({ ended: true, next: end })
    },
    start: () => Promise.resolve(0),
    end: () => Promise.resolve(end),
    since: () => Promise.resolve(undefined),
  }
  return side as unknown as PartitionSide
}

function behind(batch: Buffer): number {
  return baseOffsetOf(batch, 0) + lastOffsetDeltaOf(batch, 0) + 1
}
