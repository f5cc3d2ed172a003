// Produce with record batches given as bytes. A request is built in a reused scratch buffer: small batches are copied into it, large
// ones are referenced (ADR 0002). Counts are filled in when the request is complete; in flexible versions they are varints padded to a
// fixed width.
// Topics are identified by id if the broker supports it (version 13, Kafka 4.1, KIP-516), so that no record can be written to a
// topic that was recreated under the same name. Otherwise version 8 at most: newer ones only matter for transactions.
import type { RawConnection } from './raw-connection.ts'
import type { RequestWriter } from './request-writer.ts'
import { ResponseReader } from './wire/response-reader.ts'

const PRODUCE = 0
/** zstd needs 7 (KIP-110); 3 is the first with record format 2. */
const BY_NAME = { min: 3, max: 8 }
const BY_ID = { min: 3, max: 13 }
const IDS_FROM = 13
/** Batches up to this size are copied into the request: cheaper than one more iovec. */
const COPY_BELOW = 16 * 1024
/** Upper limit for the fields of one topic and one partition, without record batch (bytes). */
const ENTRY = 300
const COUNT_BYTES = 4
const SIZE_BYTES = 5
const ID_BYTES = 16

export interface ProducedPartition {
  readonly topic: string
  readonly partition: number
  readonly error: number
  /** offset of the first record on the target; -1 on error */
  readonly baseOffset: number
  readonly logStart: number
  readonly message: string | null
}

/** The response to one request. */
interface Produced {
  readonly partitions: readonly ProducedPartition[]
  readonly throttleMs: number
}

/** Builder of one Produce request. The partitions of a topic must be added one after the other. */
export class ProduceRequest {
  readonly #scratch: Buffer
  readonly #parts: Buffer[] = []
  #idOf: ((topic: string) => string) | undefined
  #names: Map<string, string> | undefined
  #version = 0
  #from = 0
  #at = 0
  #outside = 0
  #topicsAt = 0
  #topics = 0
  #partitionsAt = 0
  #partitions = 0
  #topic = ''
  #correlation = 0
  /** number of partitions, each with one batch */
  batches = 0

  /** @param scratch used until the request is written; its size limits headers plus copied and merged batches */
  constructor(scratch: Buffer) {
    this.#scratch = scratch
  }

  /**
   * Starts a new request for this connection.
   * @param idOf the UUID (text) of each topic that will be added; when absent, topic names are used
   * @throws Failure UNSUPPORTED_VERSION
   */
  begin(
    connection: RawConnection,
    writer: RequestWriter,
    acks: number,
    timeoutMs: number,
    idOf?: (topic: string) => string,
  ): void {
    const version = connection.version(PRODUCE, idOf ? BY_ID : BY_NAME)
    const byId = version >= IDS_FROM
    this.#version = byId ? version : Math.min(version, BY_NAME.max)
    this.#idOf = byId ? idOf : undefined
    this.#names = byId ? new Map() : undefined
    this.#correlation = connection.begin(writer, PRODUCE, this.#version, byId)
    if (byId) writer.compactString(null)
    else writer.string(null)
    writer.int16(acks).int32(timeoutMs)
    this.#at = writer.view().copy(this.#scratch)
    this.#topicsAt = this.#at
    this.#at += COUNT_BYTES
    this.#parts.length = 0
    this.#from = this.#outside = this.#topics = this.#partitions = this.batches = 0
    this.#topic = ''
  }

  /** Size of the request so far (bytes). */
  get size(): number {
    return this.#at + this.#outside
  }

  /** Bytes left in the scratch buffer for the batch of one more partition. */
  get room(): number {
    return this.#scratch.length - this.#at - ENTRY
  }

  /** The scratch buffer, for a merge that writes in place at `spot`. */
  get scratch(): Buffer {
    return this.#scratch
  }

  /** The position in the scratch buffer where the batch of the next partition of this topic begins. */
  spot(topic: string): number {
    const byId = this.#idOf !== undefined
    const partition = 4 + (byId ? SIZE_BYTES : 4)
    if (topic === this.#topic) return this.#at + partition
    const opened = byId ? ID_BYTES : 2 + Buffer.byteLength(topic)
    return this.#at + (byId && this.#topics > 0 ? 1 : 0) + opened + COUNT_BYTES + partition
  }

  /** Whether a batch of this size (bytes) is copied rather than referenced. */
  static copies(size: number): boolean {
    return size < COPY_BELOW
  }

  /** Adds a batch from another buffer; true if it is only referenced, so that its bytes must not change until written. */
  add(topic: string, partition: number, bytes: Buffer, at: number, size: number): boolean {
    this.#entry(topic, partition, size)
    if (ProduceRequest.copies(size)) {
      this.#scratch.set(bytes.subarray(at, at + size), this.#at)
      this.#at += size
      this.#noTags()
      return false
    }
    this.#parts.push(this.#scratch.subarray(this.#from, this.#at), bytes.subarray(at, at + size))
    this.#from = this.#at
    this.#outside += size
    this.#noTags()
    return true
  }

  /** Adds a batch by copying it, regardless of its size, which must not exceed `room`. */
  copyIn(topic: string, partition: number, bytes: Buffer): void {
    this.#entry(topic, partition, bytes.length)
    this.#scratch.set(bytes, this.#at)
    this.#at += bytes.length
    this.#noTags()
  }

  /** Adds a batch that was already written at `spot(topic)`. */
  addInPlace(topic: string, partition: number, size: number): void {
    this.#entry(topic, partition, size)
    this.#at += size
    this.#noTags()
  }

  /** Sends the request; `written` is called when all bytes are passed to the kernel. The order of the results is up to the broker. */
  async send(connection: RawConnection, timeoutMs: number, written: () => void): Promise<Produced> {
    this.#closeTopic()
    this.#noTags()
    this.#count(this.#topics, this.#topicsAt)
    this.#scratch.writeInt32BE(this.size - 4, 0)
    if (this.#at > this.#from) this.#parts.push(this.#scratch.subarray(this.#from, this.#at))
    const answer = await connection.send(this.#parts, this.#correlation, { timeoutMs, written })
    const produced = this.#names ? readProducedById(answer, this.#names) : readProduced(answer, this.#version)
    connection.throttled(PRODUCE, produced.throttleMs)
    return produced
  }

  #entry(topic: string, partition: number, size: number): void {
    if (topic !== this.#topic) this.#openTopic(topic)
    this.#partitions++
    this.batches++
    this.#at = this.#scratch.writeInt32BE(partition, this.#at)
    if (this.#idOf) this.#at = writePadded(this.#scratch, size + 1, this.#at, SIZE_BYTES)
    else this.#at = this.#scratch.writeInt32BE(size, this.#at)
  }

  #openTopic(topic: string): void {
    this.#closeTopic()
    this.#topic = topic
    this.#topics++
    if (this.#idOf) this.#partitionsAt = this.#writeId(topic, this.#idOf(topic))
    else {
      const length = this.#scratch.write(topic, this.#at + 2)
      this.#scratch.writeInt16BE(length, this.#at)
      this.#partitionsAt = this.#at + 2 + length
    }
    this.#at = this.#partitionsAt + COUNT_BYTES
    this.#partitions = 0
  }

  #writeId(topic: string, id: string): number {
    this.#names?.set(id, topic)
    return this.#at + this.#scratch.write(id.replaceAll('-', ''), this.#at, 'hex')
  }

  #closeTopic(): void {
    if (this.#topics === 0) return
    this.#count(this.#partitions, this.#partitionsAt)
    this.#noTags()
  }

  #count(items: number, at: number): void {
    if (this.#idOf) writePadded(this.#scratch, items + 1, at, COUNT_BYTES)
    else this.#scratch.writeInt32BE(items, at)
  }

  /** In flexible versions every structure ends with its tagged fields. */
  #noTags(): void {
    if (this.#idOf) this.#scratch[this.#at++] = 0
  }
}

/** Writes an unsigned varint padded to `width` bytes; returns the position after it. */
function writePadded(into: Buffer, value: number, at: number, width: number): number {
  let rest = value
  const last = at + width - 1
  for (let i = at; i < last; i++) {
    into[i] = (rest & 0x7f) | 0x80
    rest >>>= 7
  }
  into[last] = rest & 0x7f
  return at + width
}

function readProduced(bytes: Buffer, version: number): Produced {
  const r = new ResponseReader(bytes)
  const partitions: ProducedPartition[] = []
  for (let topics = r.int32(); topics > 0; topics--) {
    const topic = r.string() ?? ''
    for (let left = r.int32(); left > 0; left--) partitions.push(readPartition(r, version, topic))
  }
  return { partitions, throttleMs: r.int32() }
}

function readPartition(r: ResponseReader, version: number, topic: string): ProducedPartition {
  const partition = r.int32()
  const error = r.int16()
  const baseOffset = r.int64()
  r.int64()
  const logStart = version >= 5 ? r.int64() : -1
  let message: string | null = null
  if (version >= 8) {
    for (let left = r.int32(); left > 0; left--) {
      r.int32()
      message = r.string() ?? message
    }
    message = r.string() ?? message
  }
  return { topic, partition, error, baseOffset, logStart, message }
}

function readProducedById(bytes: Buffer, names: ReadonlyMap<string, string>): Produced {
  const r = new ResponseReader(bytes)
  r.tags()
  const partitions: ProducedPartition[] = []
  for (let topics = r.uvarint() - 1; topics > 0; topics--) {
    const topic = names.get(r.uuid()) ?? ''
    for (let left = r.uvarint() - 1; left > 0; left--) partitions.push(readFlexiblePartition(r, topic))
    r.tags()
  }
  return { partitions, throttleMs: r.int32() }
}

function readFlexiblePartition(r: ResponseReader, topic: string): ProducedPartition {
  const partition = r.int32()
  const error = r.int16()
  const baseOffset = r.int64()
  r.int64()
  const logStart = r.int64()
  let message: string | null = null
  for (let left = r.uvarint() - 1; left > 0; left--) {
    r.int32()
    message = r.compactString() ?? message
    r.tags()
  }
  message = r.compactString() ?? message
  r.tags()
  return { topic, partition, error, baseOffset, logStart, message }
}
