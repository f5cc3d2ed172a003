// Offset syncs: which source offset arrived at which target offset, as MM2 writes them to its offset-syncs topic
// (partition 0, no headers). Key: topic as on the source, partition; value: source offset, target offset.
import { int32Field, int64Field, joinFields, readFields, stringField } from './bytes/fields.ts'

export interface OffsetSync {
  /** topic as it is called on the source */
  readonly topic: string
  readonly partition: number
  readonly upstreamOffset: number
  readonly downstreamOffset: number
}

export function encodeOffsetSync(sync: OffsetSync): { key: Buffer; value: Buffer } {
  return {
    key: joinFields(stringField(sync.topic), int32Field(sync.partition)),
    value: joinFields(int64Field(sync.upstreamOffset), int64Field(sync.downstreamOffset)),
  }
}

/** Undefined for what is no offset sync; never throws. */
export function decodeOffsetSync(key: Buffer | null, value: Buffer | null): OffsetSync | undefined {
  const place = readFields(key, (fields) => ({ topic: fields.string(), partition: fields.int32() }))
  const offsets = readFields(value, (fields) => ({ upstreamOffset: fields.int64(), downstreamOffset: fields.int64() }))
  return place && offsets && { ...place, ...offsets }
}
