// Produce whose record batches are given as bytes. A request is laid out in one scratch buffer that is reused;
// small batches are copied into it, large ones are referenced where they lie (see ADR 0002).
// Version 8 at most: its counts have a fixed width, so they can be patched in when the request is complete,
// and nothing newer is of use to a producer without transactions.
import type { RawConnection } from './raw-connection.ts'
import type { RequestWriter } from './request-writer.ts'
import { ResponseReader } from './wire/response-reader.ts'

const PRODUCE = 0
/** zstd needs 7 (KIP-110); 3 is the first that carries format v2. */
const OUR_VERSIONS = { min: 3, max: 8 }
/** Batches up to this size are copied into the request: cheaper than one more iovec. */
const COPY_BELOW = 16 * 1024

export interface ProducedPartition {
  readonly topic: string
  readonly partition: number
  readonly error: number
  /** offset the target gave to the first record; -1 on error */
  readonly baseOffset: number
  readonly logStart: number
  readonly message: string | null
}

/** One Produce request being put together. Partitions of one topic must be added one after the other. */
export class ProduceRequest {
  readonly #scratch: Buffer
  readonly #parts: Buffer[] = []
  #from = 0
  #at = 0
  #outside = 0
  #topicsAt = 0
  #topics = 0
  #partitionsAt = 0
  #partitions = 0
  #topic = ''
  #correlation = 0
  /** how many partitions (hence batches) are in it */
  batches = 0

  /** @param scratch lent for the life of the request; its size bounds headers plus copied and merged batches */
  constructor(scratch: Buffer) {
    this.#scratch = scratch
  }

  /** Starts anew for this connection. */
  begin(connection: RawConnection, writer: RequestWriter, acks: number, timeoutMs: number): void {
    const version = connection.version(PRODUCE, OUR_VERSIONS)
    this.#correlation = connection.begin(writer, PRODUCE, version, false)
    writer.string(null).int16(acks).int32(timeoutMs)
    this.#at = writer.view().copy(this.#scratch)
    this.#topicsAt = this.#at
    this.#at = this.#scratch.writeInt32BE(0, this.#at)
    this.#parts.length = 0
    this.#from = this.#outside = this.#topics = this.#partitions = this.batches = 0
    this.#topic = ''
  }

  /** Bytes the request has so far. */
  get size(): number {
    return this.#at + this.#outside
  }

  /** Room left in the scratch buffer, less what one more topic and partition entry needs. */
  get room(): number {
    return this.#scratch.length - this.#at - 300
  }

  /** The scratch buffer itself, for a merge that writes in place; `spot` says where. */
  get scratch(): Buffer {
    return this.#scratch
  }

  /** Where the bytes of a batch for this partition would begin in the scratch buffer. */
  spot(topic: string): number {
    return this.#at + (topic === this.#topic ? 0 : 6 + Buffer.byteLength(topic)) + 8
  }

  /** True when a batch of this size would be copied rather than referenced. */
  static copies(size: number): boolean {
    return size < COPY_BELOW
  }

  /** Adds a batch that lies elsewhere; true when it is only referenced, so that its bytes must stay until written. */
  add(topic: string, partition: number, bytes: Buffer, at: number, size: number): boolean {
    this.#entry(topic, partition, size)
    if (ProduceRequest.copies(size)) {
      this.#scratch.set(bytes.subarray(at, at + size), this.#at)
      this.#at += size
      return false
    }
    this.#parts.push(this.#scratch.subarray(this.#from, this.#at), bytes.subarray(at, at + size))
    this.#from = this.#at
    this.#outside += size
    return true
  }

  /** Adds a batch by copying it in, whatever its size; there must be room. */
  copyIn(topic: string, partition: number, bytes: Buffer): void {
    this.#entry(topic, partition, bytes.length)
    this.#scratch.set(bytes, this.#at)
    this.#at += bytes.length
  }

  /** Adds a batch that was written in place at `spot(topic)`. */
  addInPlace(topic: string, partition: number, size: number): void {
    this.#entry(topic, partition, size)
    this.#at += size
  }

  /** Sends it; `written` is called when the kernel has every byte. The answer is in the order of the broker's choosing. */
  async send(connection: RawConnection, timeoutMs: number, written: () => void): Promise<ProducedPartition[]> {
    this.#closeTopic()
    this.#scratch.writeInt32BE(this.#topics, this.#topicsAt)
    this.#scratch.writeInt32BE(this.size - 4, 0)
    if (this.#at > this.#from) this.#parts.push(this.#scratch.subarray(this.#from, this.#at))
    const version = connection.version(PRODUCE, OUR_VERSIONS)
    return readProduce(await connection.send(this.#parts, this.#correlation, { timeoutMs, written }), version)
  }

  #entry(topic: string, partition: number, size: number): void {
    if (topic !== this.#topic) this.#openTopic(topic)
    this.#partitions++
    this.batches++
    this.#at = this.#scratch.writeInt32BE(partition, this.#at)
    this.#at = this.#scratch.writeInt32BE(size, this.#at)
  }

  #openTopic(topic: string): void {
    this.#closeTopic()
    this.#topic = topic
    this.#topics++
    const length = this.#scratch.write(topic, this.#at + 2)
    this.#scratch.writeInt16BE(length, this.#at)
    this.#partitionsAt = this.#at + 2 + length
    this.#at = this.#partitionsAt + 4
    this.#partitions = 0
  }

  #closeTopic(): void {
    if (this.#topics > 0) this.#scratch.writeInt32BE(this.#partitions, this.#partitionsAt)
  }
}

function readProduce(bytes: Buffer, version: number): ProducedPartition[] {
  const r = new ResponseReader(bytes)
  const produced: ProducedPartition[] = []
  for (let topics = r.int32(); topics > 0; topics--) {
    const topic = r.string() ?? ''
    for (let left = r.int32(); left > 0; left--) produced.push(readPartition(r, version, topic))
  }
  return produced
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
