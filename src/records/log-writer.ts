// Appends records to a topic with acks=all: one batch per partition and request, all partitions of a broker together.
import { asFailure, Failure, verdictOf } from '../base/failure.ts'
import { backoff, sleep } from '../base/retry.ts'
import { encodeBatch } from '../batch/records.ts'
import type { BrokerAddress } from '../kafka/raw-connection.ts'
import { ProduceRequest } from '../kafka/raw-produce.ts'
import { RequestWriter } from '../kafka/request-writer.ts'
import { failureOfCode } from '../kafka/wire-errors.ts'
import type { BrokerConnections, Leaders } from './broker-connections.ts'
import type { NewLogRecord } from './record-log.ts'

const ACKS_ALL = -1
/** Batch size (bytes), well below the smallest message limit in use; 2,000 positions take three such batches. */
const BATCH_BYTES = 256 * 1024
/** Keys and values are repetitive: gzip, which every broker supports, compresses 2,000 positions to a twelfth in 4 ms. */
const GZIP = 1
const NONE = 0
const COMPRESS_FROM = 4 * 1024
/** Upper limit for the varints of a record (bytes). */
const RECORD_OVERHEAD = 32
const PRODUCE_TIMEOUT_MS = 10_000
/** No further attempt starts after this long (ms): the caller keeps its records and retries later. */
const ATTEMPTS_WITHIN_MS = 10_000

interface LogWriterParts {
  readonly cluster: string
  readonly topic: string
  readonly connections: Pick<BrokerConnections, 'to'>
  readonly leaders: Leaders
  /** 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd; default: gzip from COMPRESS_FROM bytes on */
  readonly codec?: number
}

interface Batch {
  readonly partition: number
  readonly bytes: Buffer
}

/**
 * Writes all records, in order within a partition. Not idempotent: if a response is lost the batch is sent again, which is
 * harmless for compacted topics and for generated test records.
 * @throws Failure of the last attempt; some of the records may have been written
 */
export async function appendToLog(parts: LogWriterParts, records: readonly NewLogRecord[]): Promise<void> {
  const byPartition = Map.groupBy(records, (record) => record.partition)
  const queues = [...byPartition].map(([partition, own]) => batchesOf(partition, own, parts.codec))
  while (queues.some((queue) => queue.length > 0)) {
    await sendRound(
      parts,
      queues.flatMap((queue) => queue.shift() ?? []),
    )
  }
}

/** Packs the records of one partition into batches of about BATCH_BYTES. */
function batchesOf(partition: number, records: readonly NewLogRecord[], codec?: number): Batch[] {
  const batches: Batch[] = []
  let pending: NewLogRecord[] = []
  let size = 0
  const close = () => {
    if (pending.length === 0) return
    const now = Date.now()
    const records = pending.map(({ key, value, timestamp = now, headers = [] }) => ({ key, value, timestamp, headers }))
    const bytes = encodeBatch(records, { codec: codec ?? (size < COMPRESS_FROM ? NONE : GZIP) })
    batches.push({ partition, bytes })
    pending = []
    size = 0
  }
  for (const record of records) {
    const more = (record.key?.length ?? 0) + (record.value?.length ?? 0) + RECORD_OVERHEAD + headerBytes(record)
    if (size + more > BATCH_BYTES) close()
    pending.push(record)
    size += more
  }
  close()
  return batches
}

function headerBytes({ headers = [] }: NewLogRecord): number {
  return headers.reduce((sum, { key, value }) => sum + key.length + (value?.length ?? 0) + RECORD_OVERHEAD, 0)
}

/** Sends one batch per partition until each is acknowledged, following leaders that move. */
async function sendRound(parts: LogWriterParts, batches: readonly Batch[]): Promise<void> {
  const deadline = Date.now() + ATTEMPTS_WITHIN_MS
  for (let attempt = 0, left = batches; left.length > 0; attempt++) {
    if (attempt > 0) await sleep(backoff(attempt - 1, 50, 1000))
    const refusals = await sendOnce(parts, left, attempt === 0 ? 'known' : 'fresh')
    left = left.filter((batch) => refusals.has(batch.partition))
    const failures = [...refusals.values()]
    const worst = failures.find((failure) => !isTransient(failure)) ?? failures[0]
    if (worst && (!isTransient(worst) || Date.now() > deadline)) throw worst
  }
}

function isTransient(failure: Failure): boolean {
  const verdict = verdictOf(failure)
  return verdict === 'retry' || verdict === 'refresh'
}

type Refusals = Map<number, Failure>

/** Sends one request to each leader; returns a failure for each partition that was not written. */
async function sendOnce(parts: LogWriterParts, batches: readonly Batch[], which: 'known' | 'fresh'): Promise<Refusals> {
  const all = (own: readonly Batch[], failure: Failure): Refusals => new Map(own.map((b) => [b.partition, failure]))
  try {
    const leaders = await parts.leaders(which)
    const groups = Map.groupBy(batches, (batch) => leaders[batch.partition]?.id).values()
    const sent = [...groups].map((group) =>
      sendTo(parts, leaders[group[0]?.partition ?? -1], group).catch((error: unknown) => all(group, asFailure(error))),
    )
    return new Map((await Promise.all(sent)).flatMap((refusals) => [...refusals]))
  } catch (error) {
    return all(batches, asFailure(error))
  }
}

/** Sends one Produce request to one broker; returns a failure for each partition that it rejected. */
async function sendTo(
  parts: LogWriterParts,
  leader: BrokerAddress | undefined,
  batches: readonly Batch[],
): Promise<Refusals> {
  const { topic, cluster, connections } = parts
  const refused = (partition: number, sentence: string) =>
    new Failure('LEADER_MOVED', sentence, { cluster, topic, partition })
  if (!leader)
    return new Map(
      batches.map(({ partition }) => [
        partition,
        refused(partition, `${topic}-${partition} on cluster ${cluster} has no leader`),
      ]),
    )
  const connection = await connections.to(leader)
  const request = new ProduceRequest(Buffer.allocUnsafe(scratchFor(batches)))
  request.begin(connection, new RequestWriter(), ACKS_ALL, PRODUCE_TIMEOUT_MS)
  for (const { partition, bytes } of batches) request.add(topic, partition, bytes, 0, bytes.length)
  const { partitions: produced } = await request.send(connection, PRODUCE_TIMEOUT_MS + 10_000, () => {})
  const answers = new Map(produced.map((answer) => [answer.partition, answer]))
  const refusals: Refusals = new Map()
  for (const { partition } of batches) {
    const answer = answers.get(partition)
    if (!answer)
      refusals.set(
        partition,
        refused(partition, `the response of cluster ${cluster} does not contain ${topic}-${partition}`),
      )
    else if (answer.error !== 0)
      refusals.set(partition, failureOfCode(answer.error, { cluster, topic, partition, right: 'Write' }))
  }
  return refusals
}

/** Size of the scratch buffer of a request (bytes): copied batches, partition entries, header and topic name. */
function scratchFor(batches: readonly Batch[]): number {
  const copied = batches.reduce((sum, { bytes }) => sum + (ProduceRequest.copies(bytes.length) ? bytes.length : 0), 0)
  return copied + batches.length * 8 + 2048
}
