// Fetch (KIP-227 sessions, KIP-516 topic ids) without parsing record batches: builds the request and reads the response in place.
import { errorCodes } from './connection/error-table.ts'
import type { RawConnection } from './raw-connection.ts'
import { finish } from './raw-connection.ts'
import { RequestWriter } from './request-writer.ts'
import { ResponseReader } from './wire/response-reader.ts'

const FETCH = 1
const OUR_VERSIONS = { min: 4, max: 13 }
const NAMES_ONLY = { min: 4, max: 12 }
const FLEXIBLE_FROM = 12
const IDS_FROM = 13

interface FetchPartition {
  readonly partition: number
  /** -1 when unknown */
  readonly leaderEpoch: number
  readonly fetchOffset: number
  /** leader epoch of the last fetched batch, -1 for none; lets the broker report truncation (KIP-595) */
  readonly lastFetchedEpoch: number
  readonly maxBytes: number
}

export interface FetchTopic {
  readonly topic: string
  /** UUID as text; '' if the cluster has no topic ids */
  readonly topicId: string
  readonly partitions: readonly FetchPartition[]
}

export interface ForgottenTopic {
  readonly topic: string
  readonly topicId: string
  readonly partitions: readonly number[]
}

interface FetchRequest {
  readonly maxWaitMs: number
  readonly minBytes: number
  readonly maxBytes: number
  readonly readCommitted: boolean
  readonly rack: string
  /** 0 with epoch 0: a full fetch that requests a session; 0 with epoch -1: no session */
  readonly sessionId: number
  readonly sessionEpoch: number
  readonly topics: readonly FetchTopic[]
  readonly forgotten: readonly ForgottenTopic[]
}

export interface FetchedPartition {
  /** topic name, or UUID if the response contains topic ids */
  readonly topicKey: string
  readonly partition: number
  readonly error: number
  readonly highWatermark: number
  readonly lastStableOffset: number
  readonly logStart: number
  /** end offset of the diverging epoch: records from here on no longer exist on the source; -1 if the log has not diverged */
  readonly divergingEnd: number
  readonly preferredReplica: number
  readonly aborted: readonly { readonly producerId: bigint; readonly firstOffset: number }[]
  /** the record batches are at [start, end) of FetchAnswer.bytes */
  readonly start: number
  readonly end: number
}

export interface FetchAnswer {
  readonly bytes: Buffer
  readonly throttleMs: number
  readonly error: number
  readonly sessionId: number
  readonly partitions: readonly FetchedPartition[]
}

/** The version for a connection. @param withIds whether every topic has an id, so that ids may be used @throws Failure */
export function fetchVersion(connection: RawConnection, withIds: boolean): number {
  return connection.version(FETCH, withIds ? OUR_VERSIONS : NAMES_ONLY)
}

/**
 * Sends one Fetch. `into` is used for the response if it fits; the partitions refer to ranges of `bytes` of the result.
 * @throws Failure CONNECTION_LOST, REQUEST_TIMED_OUT
 */
export async function rawFetch(
  connection: RawConnection,
  version: number,
  request: FetchRequest,
  writer: RequestWriter,
  into?: Buffer,
): Promise<FetchAnswer> {
  const correlation = connection.begin(writer, FETCH, version, version >= FLEXIBLE_FROM)
  writeFetch(writer, version, request)
  const options = { timeoutMs: request.maxWaitMs + 30_000, ...(into && { into }) }
  const answer = readFetch(await connection.send([finish(writer)], correlation, options), version)
  connection.throttled(FETCH, answer.throttleMs)
  return answer
}

/** Parameters of a Fetch without a session. */
interface Reading {
  readonly topics: readonly {
    readonly topic: string
    readonly partitions: readonly { readonly partition: number; readonly offset: number }[]
  }[]
  /** limits for one partition and for the whole response (bytes) */
  readonly partitionBytes: number
  readonly maxBytes: number
  readonly maxWaitMs: number
  readonly readCommitted: boolean
}

/**
 * Sends one Fetch without a session, with topic names. `into` is used for the response if it fits.
 * @throws Failure CONNECTION_LOST, REQUEST_TIMED_OUT; error codes of the broker are in the result
 */
export function readOnce(connection: RawConnection, reading: Reading, into?: Buffer): Promise<FetchAnswer> {
  const { partitionBytes, maxBytes, maxWaitMs, readCommitted } = reading
  const topics = reading.topics.map(({ topic, partitions }) => ({
    ...{ topic, topicId: '' },
    partitions: partitions.map(({ partition, offset }) => ({
      ...{ partition, leaderEpoch: -1, fetchOffset: offset, lastFetchedEpoch: -1, maxBytes: partitionBytes },
    })),
  }))
  const request = {
    ...{ maxWaitMs, minBytes: 1, maxBytes, readCommitted, rack: '' },
    ...{ sessionId: 0, sessionEpoch: -1, topics, forgotten: [] },
  }
  return rawFetch(connection, fetchVersion(connection, false), request, new RequestWriter(), into)
}

function writeFetch(w: RequestWriter, version: number, request: FetchRequest): void {
  const flexible = version >= FLEXIBLE_FROM
  const count = (n: number) => (flexible ? w.uvarint(n + 1) : w.int32(n))
  const topicKey = (topic: string, id: string) => {
    if (version >= IDS_FROM) w.raw(Buffer.from(id.replaceAll('-', ''), 'hex'))
    else if (flexible) w.compactString(topic)
    else w.string(topic)
  }
  w.int32(-1)
    .int32(request.maxWaitMs)
    .int32(request.minBytes)
    .int32(request.maxBytes)
    .int8(request.readCommitted ? 1 : 0)
  if (version >= 7) w.int32(request.sessionId).int32(request.sessionEpoch)
  count(request.topics.length)
  for (const topic of request.topics) {
    topicKey(topic.topic, topic.topicId)
    count(topic.partitions.length)
    for (const p of topic.partitions) writePartition(w, version, p)
    if (flexible) w.uvarint(0)
  }
  if (version >= 7) {
    count(request.forgotten.length)
    for (const topic of request.forgotten) {
      topicKey(topic.topic, topic.topicId)
      count(topic.partitions.length)
      for (const partition of topic.partitions) w.int32(partition)
      if (flexible) w.uvarint(0)
    }
  }
  if (version >= 11) flexible ? w.compactString(request.rack) : w.string(request.rack)
  if (flexible) w.uvarint(0)
}

function writePartition(w: RequestWriter, version: number, p: FetchPartition): void {
  w.int32(p.partition)
  if (version >= 9) w.int32(p.leaderEpoch)
  w.int64(p.fetchOffset)
  if (version >= 12) w.int32(p.lastFetchedEpoch)
  if (version >= 5) w.int64(-1)
  w.int32(p.maxBytes)
  if (version >= FLEXIBLE_FROM) w.uvarint(0)
}

function readFetch(bytes: Buffer, version: number): FetchAnswer {
  const r = new ResponseReader(bytes)
  const flexible = version >= FLEXIBLE_FROM
  if (flexible) r.tags()
  const count = () => (flexible ? r.uvarint() - 1 : r.int32())
  const throttleMs = r.int32()
  const error = version >= 7 ? r.int16() : 0
  const sessionId = version >= 7 ? r.int32() : 0
  const partitions: FetchedPartition[] = []
  for (let topics = count(); topics > 0; topics--) {
    const topicKey = (version >= IDS_FROM ? r.uuid() : flexible ? r.compactString() : r.string()) ?? ''
    for (let left = count(); left > 0; left--) partitions.push(readPartition(r, version, topicKey, count))
    if (flexible) r.tags()
  }
  return { bytes, throttleMs, error, sessionId, partitions }
}

function readPartition(r: ResponseReader, version: number, topicKey: string, count: () => number): FetchedPartition {
  const partition = r.int32()
  const error = r.int16()
  const highWatermark = r.int64()
  const lastStableOffset = r.int64()
  const logStart = version >= 5 ? r.int64() : -1
  const aborted: { producerId: bigint; firstOffset: number }[] = []
  for (let left = count(); left > 0; left--) {
    aborted.push({ producerId: r.bigint64(), firstOffset: r.int64() })
    if (version >= FLEXIBLE_FROM) r.tags()
  }
  const preferredReplica = version >= 11 ? r.int32() : -1
  const size = Math.max(0, count())
  const start = r.skip(size)
  let divergingEnd = -1
  if (version >= FLEXIBLE_FROM) {
    r.tags((tag, field) => {
      if (tag !== 0) return
      field.int32()
      divergingEnd = field.int64()
    })
  }
  return {
    topicKey,
    partition,
    error,
    highWatermark,
    lastStableOffset,
    logStart,
    divergingEnd,
    preferredReplica,
    aborted,
    start,
    end: start + size,
  }
}

const sessionErrors = new Set<number>([
  errorCodes.FETCH_SESSION_ID_NOT_FOUND,
  errorCodes.INVALID_FETCH_SESSION_EPOCH,
  errorCodes.FETCH_SESSION_TOPIC_ID_ERROR,
])

/** Whether the broker has lost the fetch session (KIP-227), so that the next fetch starts a new one. @param error top-level error code */
export function concernsSession(error: number): boolean {
  return sessionErrors.has(error)
}
