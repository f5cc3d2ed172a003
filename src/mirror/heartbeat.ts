// Heartbeats: show that a flow is alive and can write to its target, as MM2 writes them to the heartbeats topic (partition 0,
// no headers). Key: both aliases; value: version, time.
import { int16Field, int64Field, joinFields, readFields, stringField } from './bytes/fields.ts'

const VERSION = 0

interface Heartbeat {
  readonly sourceClusterAlias: string
  readonly targetClusterAlias: string
  /** ms since the epoch */
  readonly timestamp: number
}

/** Key and value bytes of a heartbeat. */
export function encodeHeartbeat(heartbeat: Heartbeat): { key: Buffer; value: Buffer } {
  const { sourceClusterAlias, targetClusterAlias, timestamp } = heartbeat
  return {
    key: joinFields(stringField(sourceClusterAlias), stringField(targetClusterAlias)),
    value: joinFields(int16Field(VERSION), int64Field(timestamp)),
  }
}

/** Undefined for anything but a heartbeat; any version is read as version 0, as Java does. Never throws. */
export function decodeHeartbeat(key: Buffer | null, value: Buffer | null): Heartbeat | undefined {
  const flow = readFields(key, (fields) => ({
    sourceClusterAlias: fields.string(),
    targetClusterAlias: fields.string(),
  }))
  const beat = readFields(value, (fields) => {
    fields.int16()
    return { timestamp: fields.int64() }
  })
  return flow && beat && { ...flow, ...beat }
}
