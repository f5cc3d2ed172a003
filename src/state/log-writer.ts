// Appends records to a state topic with acks=all: one batch per partition and request, all partitions of a broker together.
import { Failure, verdictOf } from '../base/failure.ts'
import { backoff, sleep } from '../base/retry.ts'
import { encodeBatch } from '../batch/records.ts'
import type { BrokerAddress } from '../kafka/raw-connection.ts'
import { ProduceRequest } from '../kafka/raw-produce.ts'
import { RequestWriter } from '../kafka/wire/request-writer.ts'
import { failureOfCode } from '../kafka/wire-errors.ts'
import type { BrokerConnections, Leaders } from './broker-connections.ts'
import type { NewLogRecord } from './record-log.ts'

const ACKS_ALL = -1
/** A batch stays well below the smallest message limit in use (bytes); 2,000 positions are three such batches. */
const BATCH_BYTES = 256 * 1024
/** Keys and values repeat themselves: gzip, which every broker takes, leaves a twelfth of 2,000 positions in 4 ms. */
const GZIP = 1
const NONE = 0
const COMPRESS_FROM = 4 * 1024
/** More than a record's varints need (bytes). */
const RECORD_OVERHEAD = 32
const PRODUCE_TIMEOUT_MS = 10_000
/** No further attempt is begun after this long (ms): the caller keeps what it had to write and comes again. */
const ATTEMPTS_WITHIN_MS = 10_000

export interface LogWriterParts {
  readonly cluster: string
  readonly topic: string
  readonly connections: BrokerConnections
  readonly leaders: Leaders
}

interface Batch {
  readonly partition: number
  readonly bytes: Buffer
}

/**
 * Writes all records, in order within a partition. Not idempotent: after a lost answer a batch is sent again, which the
 * compaction of the topic makes harmless.
 * @throws Failure of the last attempt; any part may have been written
 */
export async function appendToLog(parts: LogWriterParts, records: readonly NewLogRecord[]): Promise<void> {
  const byPartition = Map.groupBy(records, (record) => record.partition)
  const queues = [...byPartition].map(([partition, own]) => batchesOf(partition, own))
  while (queues.some((queue) => queue.length > 0)) {
    await sendRound(
      parts,
      queues.flatMap((queue) => queue.shift() ?? []),
    )
  }
}

/** Packs the records of one partition into batches of about BATCH_BYTES. */
function batchesOf(partition: number, records: readonly NewLogRecord[]): Batch[] {
  const batches: Batch[] = []
  let pending: NewLogRecord[] = []
  let size = 0
  const close = () => {
    if (pending.length === 0) return
    const timestamp = Date.now()
    const records = pending.map(({ key, value }) => ({ key, value, timestamp, headers: [] }))
    const bytes = encodeBatch(records, { codec: size < COMPRESS_FROM ? NONE : GZIP })
    batches.push({ partition, bytes })
    pending = []
    size = 0
  }
  for (const record of records) {
    const more = record.key.length + (record.value?.length ?? 0) + RECORD_OVERHEAD
    if (size + more > BATCH_BYTES) close()
    pending.push(record)
    size += more
  }
  close()
  return batches
}

/** Sends one batch per partition until each is acknowledged, following leaders that move. */
async function sendRound(parts: LogWriterParts, batches: readonly Batch[]): Promise<void> {
  const deadline = Date.now() + ATTEMPTS_WITHIN_MS
  let left = new Map(batches.map((batch) => [batch.partition, batch]))
  for (let attempt = 0; ; attempt++) {
    const { unsent, failure } = await sendOnce(parts, left, attempt === 0 ? 'known' : 'anew')
    if (unsent.size === 0) return
    const verdict = verdictOf(failure)
    if ((verdict !== 'retry' && verdict !== 'refresh') || Date.now() > deadline) throw failure
    left = unsent
    await sleep(backoff(attempt, 50, 1000))
  }
}

interface Outcome {
  readonly unsent: Map<number, Batch>
  readonly failure: unknown
}

async function sendOnce(
  parts: LogWriterParts,
  batches: ReadonlyMap<number, Batch>,
  which: 'known' | 'anew',
): Promise<Outcome> {
  const unsent = new Map(batches)
  let failure: unknown
  try {
    const leaders = await parts.leaders(which)
    const byLeader = Map.groupBy(batches.values(), (batch) => leaders[batch.partition])
    await Promise.all(
      [...byLeader].map(([leader, group]) =>
        sendTo(parts, leader, group).then(
          (refusals) => {
            for (const batch of group) if (!refusals.has(batch.partition)) unsent.delete(batch.partition)
            failure = worse(failure, [...refusals.values()])
          },
          (error: unknown) => {
            failure = worse(failure, [error])
          },
        ),
      ),
    )
  } catch (error) {
    failure = error
  }
  return { unsent, failure }
}

/** Of several failures the one that leaves no hope, if there is one. */
function worse(known: unknown, more: readonly unknown[]): unknown {
  const all = known === undefined ? more : [known, ...more]
  return all.find((one) => verdictOf(one) !== 'retry' && verdictOf(one) !== 'refresh') ?? all[0]
}

/** One Produce request to one broker; gives the partitions that it refused. */
async function sendTo(
  parts: LogWriterParts,
  leader: BrokerAddress | undefined,
  batches: readonly Batch[],
): Promise<Map<number, Failure>> {
  const { topic, cluster, connections } = parts
  if (!leader)
    throw new Failure('LEADER_MOVED', `topic ${topic} on cluster ${cluster} has a partition without a leader`, {
      cluster,
      topic,
    })
  const connection = await connections.to(leader)
  const copied = batches.reduce(
    (sum, { bytes }) => sum + 8 + (ProduceRequest.copies(bytes.length) ? bytes.length : 0),
    0,
  )
  const request = new ProduceRequest(Buffer.allocUnsafe(copied + 1024 + connection.broker.host.length))
  request.begin(connection, new RequestWriter(), ACKS_ALL, PRODUCE_TIMEOUT_MS)
  for (const { partition, bytes } of batches) request.add(topic, partition, bytes, 0, bytes.length)
  const refusals = new Map<number, Failure>()
  const produced = await request.send(connection, PRODUCE_TIMEOUT_MS + 10_000, () => {})
  const answered = new Map(produced.map((answer) => [answer.partition, answer]))
  for (const { partition } of batches) {
    const error = answered.get(partition)?.error
    if (error === undefined)
      refusals.set(
        partition,
        new Failure('BROKER_BUSY', `no answer came for ${topic}-${partition}`, { cluster, topic, partition }),
      )
    else if (error !== 0) refusals.set(partition, failureOfCode(error, { cluster, topic, partition }))
  }
  return refusals
}
