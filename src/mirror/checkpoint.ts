// Checkpoints: source and target offset of a group, as MM2 writes them to its checkpoints topic (partition 0, no headers). Key: group, topic as on the target, partition; value: version, both offsets, metadata.
import { int16Field, int32Field, int64Field, joinFields, readFields, stringField } from './bytes/fields.ts'

const VERSION = 0

export interface Checkpoint {
  readonly group: string
  /** name on the target */
  readonly topic: string
  readonly partition: number
  readonly upstreamOffset: number
  readonly downstreamOffset: number
  /** metadata that the group committed with its offset */
  readonly metadata: string
}

/** Key and value bytes of a checkpoint. @throws RangeError for a name longer than 32,767 bytes */
export function encodeCheckpoint(checkpoint: Checkpoint): { key: Buffer; value: Buffer } {
  const { group, topic, partition, upstreamOffset, downstreamOffset, metadata } = checkpoint
  return {
    key: joinFields(stringField(group), stringField(topic), int32Field(partition)),
    value: joinFields(
      int16Field(VERSION),
      int64Field(upstreamOffset),
      int64Field(downstreamOffset),
      stringField(metadata),
    ),
  }
}

/** Undefined for anything but a checkpoint; any version is read as version 0, as Java does. Never throws. */
export function decodeCheckpoint(key: Buffer | null, value: Buffer | null): Checkpoint | undefined {
  const id = readFields(key, (fields) => ({
    group: fields.string(),
    topic: fields.string(),
    partition: fields.int32(),
  }))
  const offsets = readFields(value, (fields) => {
    fields.int16()
    return { upstreamOffset: fields.int64(), downstreamOffset: fields.int64(), metadata: fields.string() }
  })
  return id && offsets && { ...id, ...offsets }
}
