// Reads the tail of a target partition to learn what really arrived there: which batches of our producer it holds,
// and with which record it ends. Used after a restart or anything ambiguous, never on the way of records.

import type { Failure } from '../base/failure.ts'
import { baseOffsetOf, baseSequenceOf, lastOffsetDeltaOf, producerIdOf, sizeOf } from '../batch/header.ts'
import { digestOf } from '../batch/record-digest.ts'
import { decodeBatch } from '../batch/records.ts'
import { wholeBatchSize } from '../batch/walk.ts'
import type { ClusterSettings } from '../kafka/cluster-settings.ts'
import { type BrokerAddress, RawConnection } from '../kafka/raw-connection.ts'
import { type FetchedPartition, fetchVersion, rawFetch } from '../kafka/raw-fetch.ts'
import { RequestWriter } from '../kafka/request-writer.ts'
import { failureOfCode } from '../kafka/wire-errors.ts'
import { sequenceAfter, sequenceDistance } from './partition/sequence.ts'

const READ_BYTES = 4 * 1024 * 1024

export interface Findings {
  /** records of our producer at or behind the first offset asked for, from the anchor's sequence on */
  readonly ours: number
  /** records of ours that stand there twice or more */
  readonly doubled: number
  /** batches of anyone else */
  readonly foreign: number
  /** digest of the last record of ours; '' when there is none */
  readonly proof: string
}

export class TargetLog {
  readonly #cluster: ClusterSettings
  readonly #connections = new Map<number, Promise<RawConnection>>()

  constructor(cluster: ClusterSettings) {
    this.#cluster = cluster
  }

  /**
   * Walks the target partition from `from` to `end` and counts what our producer wrote there.
   * @param sequence the sequence that the first record behind the anchor would have
   * @throws Failure of the connection, or of the broker's answer
   */
  async search(
    leader: BrokerAddress,
    place: { topic: string; partition: number; from: number; end: number },
    producer: { id: bigint; sequence: number },
  ): Promise<Findings> {
    const tally = new Tally(producer.id, producer.sequence)
    let at = place.from
    while (at < place.end) {
      const next = await this.#read(leader, place, at, tally)
      if (next <= at) break
      at = next
    }
    return tally.findings()
  }

  async close(): Promise<void> {
    for (const connection of this.#connections.values()) (await connection.catch(() => undefined))?.close()
  }

  async #read(
    leader: BrokerAddress,
    place: { topic: string; partition: number },
    from: number,
    tally: Tally,
  ): Promise<number> {
    const connection = await this.#connection(leader)
    const partition = {
      partition: place.partition,
      leaderEpoch: -1,
      fetchOffset: from,
      lastFetchedEpoch: -1,
      maxBytes: READ_BYTES,
    }
    const answer = await rawFetch(
      connection,
      fetchVersion(connection, false),
      {
        maxWaitMs: 100,
        minBytes: 1,
        maxBytes: READ_BYTES,
        readCommitted: false,
        rack: '',
        sessionId: 0,
        sessionEpoch: -1,
        topics: [{ topic: place.topic, topicId: '', partitions: [partition] }],
        forgotten: [],
      },
      new RequestWriter(),
    )
    const fetched = answer.partitions[0]
    if (answer.error !== 0 || !fetched || fetched.error !== 0)
      throw this.#refused(place, fetched?.error ?? answer.error)
    return tally.walk(answer.bytes, fetched, from)
  }

  #refused(place: { topic: string; partition: number }, error: number): Failure {
    return failureOfCode(error, {
      cluster: this.#cluster.alias,
      topic: place.topic,
      partition: place.partition,
      right: 'Read and Describe',
    })
  }

  async #connection(broker: BrokerAddress): Promise<RawConnection> {
    const known = await this.#connections.get(broker.id)?.catch(() => undefined)
    if (known?.usable && known.broker.host === broker.host && known.broker.port === broker.port) return known
    known?.close()
    const opening = RawConnection.open(this.#cluster, broker)
    this.#connections.set(broker.id, opening)
    return opening
  }
}

/** Counts batches by their headers: those of one producer from a sequence on, and everybody else's. */
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

  /** Counts the batches of one answer that reach beyond the offset `from`; gives the offset behind them. */
  walk(bytes: Buffer, fetched: Pick<FetchedPartition, 'start' | 'end'>, from: number): number {
    let next = from
    this.#lastOurs = -1
    for (let at = fetched.start, size = 0; at < fetched.end; at += size) {
      size = wholeBatchSize(bytes, at, fetched.end)
      if (size === 0) break
      next = baseOffsetOf(bytes, at) + lastOffsetDeltaOf(bytes, at) + 1
      if (next > from) this.#count(bytes, at)
    }
    if (this.#lastOurs >= 0) this.#prove(bytes, this.#lastOurs)
    return next
  }

  #count(bytes: Buffer, at: number): void {
    if (producerIdOf(bytes, at) !== this.#producer) {
      this.#foreign++
      return
    }
    // The target may have compacted the batch since: its offsets still tell how many records it had, hence its sequences.
    const records = lastOffsetDeltaOf(bytes, at) + 1
    const ahead = sequenceDistance(this.#next, baseSequenceOf(bytes, at))
    // Behind what was already seen: a second copy. (A batch from before the anchor lies before its target offset.)
    if (ahead < 0) {
      if (sequenceDistance(this.#start, baseSequenceOf(bytes, at)) >= 0) this.#doubled += records
      return
    }
    this.#next = sequenceAfter(baseSequenceOf(bytes, at), records)
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
