// Reads all partitions of a state topic from the start to the current end, only committed records.
import { Failure, verdictOf } from '../base/failure.ts'
import { backoff, sleep } from '../base/retry.ts'
import { AbortedFilter } from '../batch/aborted.ts'
import { baseOffsetOf, nextOffsetOf, problemOfHead, verifyChecksum } from '../batch/header.ts'
import { decodeBatch } from '../batch/records.ts'
import { eachBatch } from '../batch/walk.ts'
import type { Admin } from '../kafka/admin.ts'
import type { BrokerAddress } from '../kafka/raw-connection.ts'
import { type FetchedPartition, readOnce } from '../kafka/raw-fetch.ts'
import { failureOfCode } from '../kafka/wire-errors.ts'
import type { BrokerConnections, Leaders } from './broker-connections.ts'
import type { LogRecord } from './record-log.ts'

const FETCH_BYTES = 4 * 1024 * 1024
/** How long a fetch may wait for records of open transactions (ms). */
const FETCH_WAIT_MS = 100
/** Reading fails after this long without progress (ms). */
const NO_PROGRESS_MS = 60_000

interface LogReaderParts {
  /** alias of the cluster, for messages */
  readonly cluster: string
  readonly topic: string
  readonly admin: Pick<Admin, 'listOffsets'>
  readonly connections: Pick<BrokerConnections, 'to'>
  readonly leaders: Leaders
}

interface Reading {
  readonly partition: number
  next: number
  readonly end: number
}

/**
 * Reads the topic once and passes each record to `onRecord`. Retries when leaders move or connections end.
 * @throws Failure BROKER_BUSY if an open transaction hides the end for a minute, STATE_UNREADABLE or CORRUPT_BATCH for a damaged batch,
 * or another failure of the cluster
 */
export async function readLog(parts: LogReaderParts, onRecord: (record: LogRecord) => void): Promise<void> {
  const leaders = await parts.leaders('fresh')
  await new LogReader(parts, leaders, onRecord).read()
}

class LogReader {
  readonly #parts: LogReaderParts
  readonly #onRecord: (record: LogRecord) => void
  readonly #buffer = Buffer.allocUnsafe(64 * 1024)
  #leaders: readonly BrokerAddress[]

  constructor(parts: LogReaderParts, leaders: readonly BrokerAddress[], onRecord: (record: LogRecord) => void) {
    this.#parts = parts
    this.#leaders = leaders
    this.#onRecord = onRecord
  }

  async read(): Promise<void> {
    let progressAt = Date.now()
    let readings: Reading[] | undefined
    for (let attempt = 0; readings === undefined || readings.length > 0; ) {
      try {
        readings ??= await this.#range()
        if (await this.#round(readings)) progressAt = Date.now()
        readings = readings.filter((reading) => reading.next < reading.end)
        attempt = 0
        if (Date.now() > progressAt + NO_PROGRESS_MS) throw this.#stuck(readings)
      } catch (error) {
        const verdict = verdictOf(error)
        if ((verdict !== 'retry' && verdict !== 'refresh') || Date.now() > progressAt + NO_PROGRESS_MS) throw error
        await sleep(backoff(attempt++, 50, 2000))
        this.#leaders = await this.#parts.leaders('fresh')
      }
    }
  }

  /** Start and end offset of each partition. The end is read by ListOffsets, because a new leader may not know it yet in a fetch (KIP-207). */
  async #range(): Promise<Reading[]> {
    const { admin, topic } = this.#parts
    const asked = (at: 'earliest' | 'latest') =>
      admin.listOffsets(
        this.#leaders.map((_, partition) => ({ topic, partition, at })),
        'read_uncommitted',
      )
    const [starts, ends] = await Promise.all([asked('earliest'), asked('latest')])
    return this.#leaders.map((_, partition) => {
      const [start, end] = [starts.get(`${topic}-${partition}`), ends.get(`${topic}-${partition}`)]
      if (start instanceof Failure) throw start
      if (end instanceof Failure) throw end
      return { partition, next: start?.offset ?? 0, end: end?.offset ?? 0 }
    })
  }

  /** One fetch from every leader with remaining records; true if any partition advanced. */
  async #round(readings: readonly Reading[]): Promise<boolean> {
    const left = readings.filter((reading) => reading.next < reading.end)
    const byLeader = Map.groupBy(left, (reading) => this.#leaders[reading.partition]?.id)
    let progress = left.length === 0
    for (const group of byLeader.values()) {
      const leader = this.#leaders[group[0]?.partition ?? -1]
      if (leader && (await this.#fetch(leader, group))) progress = true
    }
    return progress
  }

  async #fetch(leader: BrokerAddress, readings: readonly Reading[]): Promise<boolean> {
    const { connections, topic } = this.#parts
    const connection = await connections.to(leader)
    const partitions = readings.map(({ partition, next }) => ({ partition, offset: next }))
    const sizes = { partitionBytes: FETCH_BYTES, maxBytes: FETCH_BYTES, maxWaitMs: FETCH_WAIT_MS }
    const reading = { topics: [{ topic, partitions }], ...sizes, readCommitted: true }
    const answer = await readOnce(connection, reading, this.#buffer)
    if (answer.error !== 0) throw this.#refused(-1, answer.error)
    let progress = false
    for (const fetched of answer.partitions) {
      const reading = readings.find((one) => one.partition === fetched.partition)
      if (reading && this.#take(answer.bytes, fetched, reading)) progress = true
    }
    return progress
  }

  #take(bytes: Buffer, fetched: FetchedPartition, reading: Reading): boolean {
    if (fetched.error !== 0) throw this.#refused(fetched.partition, fetched.error)
    const filter = new AbortedFilter(fetched.aborted)
    const before = reading.next
    eachBatch(bytes, fetched.start, fetched.end, (at, size) => {
      const damage =
        problemOfHead(bytes, at, fetched.end) ??
        (verifyChecksum(bytes, at, size) ? undefined : 'its checksum does not match')
      if (damage !== undefined) throw this.#corrupt(fetched.partition, baseOffsetOf(bytes, at), damage)
      if (!filter.drops(bytes, at)) this.#deliver(bytes, at, size, reading)
      reading.next = Math.max(reading.next, nextOffsetOf(bytes, at))
    })
    return reading.next > before
  }

  #deliver(bytes: Buffer, at: number, size: number, { partition, next }: Reading): void {
    for (const { offset, timestamp, key, value } of decodeBatch(bytes, at, size)) {
      if (offset >= next) this.#onRecord({ key, value, partition, offset, timestamp })
    }
  }

  #refused(partition: number, error: number): Failure {
    const { cluster, topic } = this.#parts
    return failureOfCode(error, { cluster, topic, right: 'Read', ...(partition >= 0 && { partition }) })
  }

  #corrupt(partition: number, offset: number, damage: string): Failure {
    const { cluster, topic } = this.#parts
    const sentence = `the batch at offset ${offset} of ${topic}-${partition} on cluster ${cluster} is damaged: ${damage}`
    return new Failure('STATE_UNREADABLE', sentence, {
      ...{ cluster, topic, partition, offset: BigInt(Math.max(0, offset)) },
      remedy:
        'move the leadership to a replica with an undamaged copy (kafka-leader-election.sh), or delete the damaged records',
    })
  }

  #stuck(readings: readonly Reading[]): Failure {
    const { cluster, topic } = this.#parts
    const [first] = readings
    const sentence = `${topic}-${first?.partition ?? 0} on cluster ${cluster} cannot be read to its end: an open transaction hides the records from offset ${first?.next ?? 0} on`
    return new Failure('BROKER_BUSY', sentence, {
      ...{ cluster, topic, ...(first && { partition: first.partition }) },
      remedy:
        'stop the exactly-once MirrorMaker 2 that writes there; kafka-transactions.sh find-hanging shows a hanging transaction',
    })
  }
}
