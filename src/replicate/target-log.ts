// Reads the end of a target partition to find which batches of our producer it has, and its last record of ours. Used after a
// restart or any ambiguous result, not during copying.

import { baseOffsetOf, baseSequenceOf, lastOffsetDeltaOf, nextOffsetOf, producerIdOf, sizeOf } from '../batch/header.ts'
import { digestOf } from '../batch/record-digest.ts'
import { decodeBatch } from '../batch/records.ts'
import { eachBatch } from '../batch/walk.ts'
import type { ClusterSettings } from '../kafka/cluster-settings.ts'
import type { BrokerAddress } from '../kafka/raw-connection.ts'
import type { FetchedPartition } from '../kafka/raw-fetch.ts'
import { BrokerConnections } from '../records/broker-connections.ts'
import { PartitionReader } from '../records/partition-reader.ts'
import { sequenceAfter, sequenceDistance } from './partition/sequence.ts'

/** Maximum size of an answer (bytes). */
const READ_BYTES = 4 * 1024 * 1024
/** How long a read waits for records (ms). */
const WAIT_MS = 100

export interface Findings {
  /** records of our producer at or after the first requested offset, from the anchor's sequence number on */
  readonly ours: number
  /** records of ours that are duplicated */
  readonly doubled: number
  /** batches of other producers */
  readonly foreign: number
  /** digest of our last record; '' if there is none */
  readonly proof: string
}

export class TargetLog {
  readonly #connections: BrokerConnections
  readonly #reader: PartitionReader

  constructor(cluster: ClusterSettings) {
    const connections = new BrokerConnections(cluster)
    this.#connections = connections
    this.#reader = new PartitionReader({
      ...{ cluster: cluster.alias, connections, readCommitted: false },
      ...{ maxBytes: READ_BYTES, maxWaitMs: WAIT_MS, right: 'Read and Describe' },
    })
  }

  /**
   * Reads the target partition from `from` to `end` and counts what our producer wrote.
   * @param sequence the sequence number of the first record after the anchor
   * @throws Failure of the connection, or of the broker's answer
   */
  async search(
    leader: BrokerAddress,
    place: { topic: string; partition: number; from: number; end: number },
    producer: { id: bigint; sequence: number },
  ): Promise<Findings> {
    const tally = new Tally(producer.id, producer.sequence)
    for (let at = place.from; at < place.end; ) {
      const { bytes, fetched } = await this.#reader.read(leader, place.topic, place.partition, at)
      const next = tally.walk(bytes, fetched, at)
      if (next <= at) break
      at = next
    }
    return tally.findings()
  }

  close(): Promise<void> {
    return this.#connections.close()
  }
}

/** Counts batches by their headers: those of one producer from a sequence number on, and those of others. */
export class Tally {
  readonly #producer: bigint
  readonly #start: number
  #next: number
  #doubled = 0
  #foreign = 0
  #proof = ''
  #lastOurs = -1

  constructor(producer: bigint, sequence: number) {
    this.#producer = producer
    this.#start = sequence
    this.#next = sequence
  }

  /** Counts the batches of one answer with offsets at or after `from`. @returns the offset after them */
  walk(bytes: Buffer, fetched: Pick<FetchedPartition, 'start' | 'end'>, from: number): number {
    let next = from
    this.#lastOurs = -1
    eachBatch(bytes, fetched.start, fetched.end, (at) => {
      next = nextOffsetOf(bytes, at)
      if (next > from) this.#count(bytes, at)
    })
    if (this.#lastOurs >= 0) this.#prove(bytes, this.#lastOurs)
    return next
  }

  #count(bytes: Buffer, at: number): void {
    if (producerIdOf(bytes, at) !== this.#producer) {
      this.#foreign++
      return
    }
    // The target may have compacted the batch. Its offsets still show how many records it had, and so its sequence numbers.
    const records = lastOffsetDeltaOf(bytes, at) + 1
    const base = baseSequenceOf(bytes, at)
    const behind = sequenceAfter(base, records)
    // An anchor may be within a batch, or before counted records: batches before its sequence number are known.
    const isKnown = sequenceDistance(this.#start, base) < 0
    const isNew = sequenceDistance(this.#next, isKnown ? behind : base) >= (isKnown ? 1 : 0)
    if (!isNew) {
      // It is before what was already seen: a second copy.
      if (!isKnown) this.#doubled += records
      return
    }
    this.#next = behind
    this.#lastOurs = at
  }

  #prove(bytes: Buffer, at: number): void {
    const last = decodeBatch(bytes, at, sizeOf(bytes, at)).at(-1)
    const isWhole = last?.offset === baseOffsetOf(bytes, at) + lastOffsetDeltaOf(bytes, at)
    this.#proof = last && isWhole ? digestOf(last) : ''
  }

  findings(): Findings {
    return {
      ours: sequenceDistance(this.#start, this.#next),
      doubled: this.#doubled,
      foreign: this.#foreign,
      proof: this.#proof,
    }
  }
}
