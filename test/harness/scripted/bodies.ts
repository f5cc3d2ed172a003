// Bodies of Kafka's answers for the scripted broker: Fetch up to version 13, Produce up to version 13, others in versions without
// flexible fields.

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
  DESCRIBE_PRODUCERS: 61,
} as const

export type Ranges = ReadonlyMap<number, readonly [min: number, max: number]>

/** The versions that the bodies here support. */
export const ranges: Ranges = new Map<number, [number, number]>([
  [API.PRODUCE, [3, 8]],
  [API.FETCH, [4, 11]],
  [API.LIST_OFFSETS, [1, 5]],
  [API.METADATA, [4, 8]],
  [API.FIND_COORDINATOR, [0, 2]],
  [API.API_VERSIONS, [0, 2]],
  [API.CREATE_TOPICS, [0, 4]],
  [API.INIT_PRODUCER_ID, [0, 1]],
  [API.DESCRIBE_PRODUCERS, [0, 0]],
])

export interface ScriptedTopic {
  /** Kafka's error code for the topic; default: 0 */
  readonly error?: number
  readonly partitions: readonly {
    /** broker id; -1 if there is none */
    readonly leader: number
    /** default: 0 */
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
/** BYTES, also used for record batches. */
export const bytes = (value: Buffer | null) =>
  value === null ? int32(-1) : Buffer.concat([int32(value.length), value])
/** UNSIGNED_VARINT, used in versions with flexible fields. */
export const uvarint = (value: number): Buffer =>
  value < 0x80 ? Buffer.from([value]) : Buffer.concat([Buffer.from([(value & 0x7f) | 0x80]), uvarint(value >>> 7)])
export const compactText = (value: string | null) =>
  value === null ? uvarint(0) : Buffer.concat([uvarint(Buffer.byteLength(value) + 1), Buffer.from(value)])
export const compactList = <Item>(items: readonly Item[], one: (item: Item) => Buffer) =>
  body(uvarint(items.length + 1), ...items.map(one))
const noTags = uvarint(0)
/** Concatenates fields. */
export const body = (...parts: readonly Buffer[]) => Buffer.concat(parts)
/** ARRAY: the number of items, then each item. */
export const list = <Item>(items: readonly Item[], one: (item: Item) => Buffer) =>
  body(int32(items.length), ...items.map(one))

/** ApiVersions v0 to v2. With error 35 (UNSUPPORTED_VERSION) if the request has a newer version, as brokers answer it. */
export function apiVersionsBody(version: number, offered: Ranges): Buffer {
  const rows = list([...offered], ([key, [min, max]]) => body(int16(key), int16(min), int16(max)))
  if (version > 2) return body(int16(35), rows)
  return version === 0 ? body(int16(0), rows) : body(int16(0), rows, int32(0))
}

/** Metadata v4 to v8. @param wanted requested topics; undefined: all */
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

/** The topics of a Metadata request; undefined: all. */
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
  /** default: -1 */
  readonly baseOffset?: number
  /** the broker's error message, from version 8 on */
  readonly message?: string
}

/** Produce v3 to v13, one entry per partition. From version 9 on with the additional header byte; from 13 on topics are ids. */
export function produceBody(version: number, partitions: readonly ProducedPartition[], throttleMs = 0): Buffer {
  const flexible = version >= 9
  const tags = flexible ? noTags : Buffer.alloc(0)
  const one = ({ topic, partition, error = 0, baseOffset = -1, message }: ProducedPartition) => {
    const name = version >= 13 ? idOf(topic) : flexible ? compactText(topic) : text(topic)
    const said = flexible ? body(uvarint(1), compactText(message ?? null)) : body(int32(0), text(message ?? null))
    return body(
      ...[name, flexible ? uvarint(2) : int32(1), int32(partition), int16(error), int64(baseOffset), int64(-1)],
      ...[version >= 5 ? int64(0) : Buffer.alloc(0), version >= 8 ? said : Buffer.alloc(0), tags, tags],
    )
  }
  return body(tags, flexible ? compactList(partitions, one) : list(partitions, one), int32(throttleMs), tags)
}

export interface FetchedPartition {
  /** name; the topic id from version 13 on */
  readonly topic: string
  readonly partition: number
  readonly error?: number
  readonly highWatermark?: number
  /** default: the high watermark */
  readonly lastStable?: number
  readonly logStart?: number
  readonly aborted?: readonly { readonly producerId: bigint; readonly firstOffset: number }[]
  /** a replica in the client's rack, from version 11 on */
  readonly preferredReplica?: number
  /** the end offset of the client's last epoch in this log (KIP-595), from version 12 on */
  readonly divergingEnd?: number
  /** record batches */
  readonly records?: Buffer
}

export interface FetchHead {
  readonly throttleMs?: number
  /** error of the whole answer, from version 7 on */
  readonly error?: number
  readonly sessionId?: number
}

/** Fetch v4 to v13. From version 12 on with the additional header byte. */
export function fetchBody(
  version: number,
  partitions: readonly FetchedPartition[],
  { throttleMs = 0, error = 0, sessionId = 0 }: FetchHead = {},
): Buffer {
  const flexible = version >= 12
  const tags = flexible ? noTags : Buffer.alloc(0)
  const topic = (fetched: FetchedPartition) => {
    const name = version >= 13 ? idOf(fetched.topic) : flexible ? compactText(fetched.topic) : text(fetched.topic)
    return body(name, flexible ? uvarint(2) : int32(1), fetchedPartition(version, fetched), tags)
  }
  return body(
    tags,
    int32(throttleMs),
    version >= 7 ? body(int16(error), int32(sessionId)) : Buffer.alloc(0),
    flexible ? compactList(partitions, topic) : list(partitions, topic),
    tags,
  )
}

function fetchedPartition(version: number, fetched: FetchedPartition): Buffer {
  const { partition, error = 0, highWatermark = 0, lastStable = highWatermark, logStart = 0, aborted = [] } = fetched
  const { preferredReplica = -1, divergingEnd, records = Buffer.alloc(0) } = fetched
  const flexible = version >= 12
  const transaction = (one: { producerId: bigint; firstOffset: number }) =>
    body(int64(one.producerId), int64(one.firstOffset), flexible ? noTags : Buffer.alloc(0))
  const diverging = body(int32(0), int64(divergingEnd ?? -1), noTags)
  const tags = divergingEnd === undefined ? noTags : body(uvarint(1), uvarint(0), uvarint(diverging.length), diverging)
  return body(
    int32(partition),
    int16(error),
    int64(highWatermark),
    int64(lastStable),
    version >= 5 ? int64(logStart) : Buffer.alloc(0),
    flexible ? compactList(aborted, transaction) : list(aborted, transaction),
    version >= 11 ? int32(preferredReplica) : Buffer.alloc(0),
    flexible ? body(uvarint(records.length + 1), records, tags) : bytes(records),
  )
}

/** A topic's id from its text. */
const idOf = (uuid: string) => Buffer.from(uuid.replaceAll('-', ''), 'hex')

export interface ListedPartition {
  readonly topic: string
  readonly partition: number
  readonly error?: number
  readonly offset?: number
}

/** ListOffsets v2 to v5. */
export function listOffsetsBody(version: number, partitions: readonly ListedPartition[]): Buffer {
  const one = ({ topic, partition, error = 0, offset = -1 }: ListedPartition) =>
    body(
      text(topic),
      int32(1),
      int32(partition),
      int16(error),
      int64(-1),
      int64(offset),
      version >= 4 ? int32(-1) : Buffer.alloc(0),
    )
  return body(int32(0), list(partitions, one))
}

export interface DescribedPartition {
  readonly topic: string
  readonly partition: number
  readonly error?: number
  readonly producers?: readonly { readonly id: bigint; readonly epoch: number; readonly lastSequence: number }[]
}

/** DescribeProducers v0, which has flexible fields, with the additional header byte. */
export function describeProducersBody(partitions: readonly DescribedPartition[]): Buffer {
  const producer = ({ id, epoch, lastSequence }: NonNullable<DescribedPartition['producers']>[number]) =>
    body(int64(id), int32(epoch), int32(lastSequence), int64(-1), int32(-1), int64(-1), noTags)
  const one = ({ topic, partition, error = 0, producers = [] }: DescribedPartition) =>
    body(
      compactText(topic),
      uvarint(2),
      body(int32(partition), int16(error), compactText(null), compactList(producers, producer), noTags),
      noTags,
    )
  return body(noTags, int32(0), compactList(partitions, one), noTags)
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
