// Bodies of Kafka's answers for the scripted broker, in versions without flexible fields.

export const API = {
  PRODUCE: 0,
  FETCH: 1,
  LIST_OFFSETS: 2,
  METADATA: 3,
  FIND_COORDINATOR: 10,
  SASL_HANDSHAKE: 17,
  API_VERSIONS: 18,
  CREATE_TOPICS: 19,
  INIT_PRODUCER_ID: 22,
} as const

export type Ranges = ReadonlyMap<number, readonly [min: number, max: number]>

/** The versions that the bodies here are of, and others without flexible fields. */
export const ranges: Ranges = new Map<number, [number, number]>([
  [API.PRODUCE, [3, 8]],
  [API.FETCH, [4, 11]],
  [API.LIST_OFFSETS, [1, 5]],
  [API.METADATA, [4, 8]],
  [API.FIND_COORDINATOR, [0, 2]],
  [API.API_VERSIONS, [0, 2]],
  [API.CREATE_TOPICS, [0, 4]],
  [API.INIT_PRODUCER_ID, [0, 1]],
])

export interface ScriptedTopic {
  /** Kafka's error code for the topic; 0 when absent */
  readonly error?: number
  readonly partitions: readonly {
    /** broker id; -1 for none */
    readonly leader: number
    /** 0 when absent */
    readonly epoch?: number
    readonly error?: number
  }[]
}

export interface ScriptedBrokers {
  readonly brokers: readonly { readonly id: number; readonly host: string; readonly port: number }[]
  readonly topics: ReadonlyMap<string, ScriptedTopic>
}

export const int8 = (value: number) => sized(1, (buffer) => buffer.writeInt8(value))
export const int16 = (value: number) => sized(2, (buffer) => buffer.writeInt16BE(value))
export const int32 = (value: number) => sized(4, (buffer) => buffer.writeInt32BE(value))
export const int64 = (value: number | bigint) => sized(8, (buffer) => buffer.writeBigInt64BE(BigInt(value)))
/** STRING or NULLABLE_STRING. */
export const text = (value: string | null) =>
  value === null ? int16(-1) : Buffer.concat([int16(Buffer.byteLength(value)), Buffer.from(value)])
/** BYTES: record batches too. */
export const bytes = (value: Buffer | null) =>
  value === null ? int32(-1) : Buffer.concat([int32(value.length), value])
/** Fields one behind the other. */
export const body = (...parts: readonly Buffer[]) => Buffer.concat(parts)
/** ARRAY: the number of items, then each. */
export const list = <Item>(items: readonly Item[], one: (item: Item) => Buffer) =>
  body(int32(items.length), ...items.map(one))

/** ApiVersions v0 to v2, with error 35 (UNSUPPORTED_VERSION) for a newer request, as brokers answer it. */
export function apiVersionsBody(version: number, offered: Ranges): Buffer {
  const rows = list([...offered], ([key, [min, max]]) => body(int16(key), int16(min), int16(max)))
  if (version > 2) return body(int16(35), rows)
  return version === 0 ? body(int16(0), rows) : body(int16(0), rows, int32(0))
}

/** Metadata v4 to v8. @param wanted topics asked for; undefined: all */
export function metadataBody(version: number, cluster: ScriptedBrokers, wanted?: readonly string[]): Buffer {
  const names = wanted ?? [...cluster.topics.keys()]
  return body(
    int32(0),
    list(cluster.brokers, ({ id, host, port }) => body(int32(id), text(host), int32(port), text(null))),
    text('scripted'),
    int32(cluster.brokers[0]?.id ?? -1),
    list(names, (name) => topicBody(version, name, cluster.topics.get(name))),
    version >= 8 ? int32(0) : Buffer.alloc(0),
  )
}

/** The topics that a Metadata request asks for; undefined: all. */
export function topicsOfMetadata(request: Buffer): string[] | undefined {
  const count = request.readInt32BE(0)
  if (count < 0) return undefined
  const names: string[] = []
  for (let at = 4; names.length < count; ) {
    const end = at + 2 + request.readInt16BE(at)
    names.push(request.toString('utf8', at + 2, end))
    at = end
  }
  return names
}

export interface ProducedPartition {
  readonly topic: string
  readonly partition: number
  readonly error?: number
  /** -1 when absent */
  readonly baseOffset?: number
}

/** Produce v3 to v8. */
export function produceBody(version: number, partitions: readonly ProducedPartition[]): Buffer {
  const one = ({ topic, partition, error = 0, baseOffset = -1 }: ProducedPartition) =>
    body(
      text(topic),
      int32(1),
      int32(partition),
      int16(error),
      int64(baseOffset),
      int64(-1),
      version >= 5 ? int64(0) : Buffer.alloc(0),
      version >= 8 ? body(int32(0), text(null)) : Buffer.alloc(0),
    )
  return body(list(partitions, one), int32(0))
}

export interface FetchedPartition {
  readonly topic: string
  readonly partition: number
  readonly error?: number
  readonly highWatermark?: number
  readonly logStart?: number
  /** record batches */
  readonly records?: Buffer
}

/** Fetch v4 to v11. */
export function fetchBody(version: number, partitions: readonly FetchedPartition[], error = 0): Buffer {
  const one = ({ topic, partition, error = 0, highWatermark = 0, logStart = 0, records }: FetchedPartition) =>
    body(
      text(topic),
      int32(1),
      int32(partition),
      int16(error),
      int64(highWatermark),
      int64(highWatermark),
      version >= 5 ? int64(logStart) : Buffer.alloc(0),
      int32(0),
      version >= 11 ? int32(-1) : Buffer.alloc(0),
      bytes(records ?? Buffer.alloc(0)),
    )
  return body(int32(0), version >= 7 ? body(int16(error), int32(0)) : Buffer.alloc(0), list(partitions, one))
}

/** InitProducerId v0 and v1. */
export function producerIdBody(producerId: number, epoch: number, error = 0): Buffer {
  return body(int32(0), int16(error), int64(producerId), int16(epoch))
}

function topicBody(version: number, name: string, topic: ScriptedTopic | undefined): Buffer {
  const UNKNOWN_TOPIC = 3
  const rows = (topic?.partitions ?? []).map((partition, index) => ({ ...partition, index }))
  const replicas = (leader: number) => (leader < 0 ? int32(0) : body(int32(1), int32(leader)))
  const row = ({ index, leader, epoch = 0, error = 0 }: (typeof rows)[number]) =>
    body(
      int16(error),
      int32(index),
      int32(leader),
      version >= 7 ? int32(epoch) : Buffer.alloc(0),
      replicas(leader),
      replicas(leader),
      version >= 5 ? int32(0) : Buffer.alloc(0),
    )
  const rights = version >= 8 ? int32(0) : Buffer.alloc(0)
  return body(int16(topic ? (topic.error ?? 0) : UNKNOWN_TOPIC), text(name), int8(0), list(rows, row), rights)
}

function sized(length: number, write: (buffer: Buffer) => unknown): Buffer {
  const buffer = Buffer.alloc(length)
  write(buffer)
  return buffer
}
