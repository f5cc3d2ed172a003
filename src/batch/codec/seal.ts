// Completes a batch of format 2 whose records are written: compresses them and writes the header.
import {
  ATTRIBUTES_AT,
  BASE_TIMESTAMP_AT,
  COUNT_AT,
  CRC_AT,
  HEAD_BYTES,
  LAST_OFFSET_DELTA_AT,
  LEADER_EPOCH_AT,
  LENGTH_AT,
  LENGTH_OVERHEAD,
  MAGIC_AT,
  MAX_TIMESTAMP_AT,
  type ProducerStamp,
  writeProducer,
} from '../header.ts'
import { putInt16, putInt32 } from './bytes.ts'
import { compress, NONE } from './compression.ts'
import { crc32c } from './crc32c.ts'

interface BatchHead {
  readonly codec: number
  readonly records: number
  readonly baseTimestamp: bigint
  readonly maxTimestamp: bigint
  readonly stamp?: ProducerStamp | undefined
  readonly sequence?: number | undefined
}

/**
 * Completes a batch.
 * @param draft records without gaps from byte 61 on; the bytes before them are overwritten
 * @param end end of the records
 * @returns the batch, ready to produce; a view of `draft` if codec is 0
 */
export function seal(draft: Buffer, end: number, head: BatchHead): Buffer {
  const batch =
    head.codec === NONE ? draft.subarray(0, end) : withHead(compress(head.codec, draft.subarray(HEAD_BYTES, end)))
  putInt32(batch, 0, 0)
  putInt32(batch, 4, 0)
  putInt32(batch, LENGTH_AT, batch.length - LENGTH_OVERHEAD)
  putInt32(batch, LEADER_EPOCH_AT, -1)
  batch[MAGIC_AT] = 2
  putInt16(batch, ATTRIBUTES_AT, head.codec)
  putInt32(batch, LAST_OFFSET_DELTA_AT, head.records - 1)
  batch.writeBigInt64BE(head.baseTimestamp, BASE_TIMESTAMP_AT)
  batch.writeBigInt64BE(head.maxTimestamp, MAX_TIMESTAMP_AT)
  writeProducer(batch, 0, head.stamp, head.sequence ?? 0)
  putInt32(batch, COUNT_AT, head.records)
  putInt32(batch, CRC_AT, crc32c(batch, ATTRIBUTES_AT, batch.length))
  return batch
}

function withHead(body: Buffer): Buffer {
  const batch = Buffer.allocUnsafeSlow(HEAD_BYTES + body.length)
  body.copy(batch, HEAD_BYTES)
  return batch
}
