// Parses requests that the scripted broker has received.
import { ResponseReader } from '../../../src/kafka/wire/response-reader.ts'
import type { ScriptedRequest } from '../scripted-broker.ts'

export interface ProducedBatch {
  /** name; the topic id from version 13 on */
  readonly topic: string
  readonly partition: number
  readonly batch: Buffer
}

export interface AskedPartition {
  /** name; the topic id from version 13 on */
  readonly topic: string
  readonly partition: number
}

export interface FetchAsked extends AskedPartition {
  readonly leaderEpoch: number
  readonly offset: number
  readonly lastFetchedEpoch: number
  readonly maxBytes: number
}

export interface FetchAsk {
  readonly maxWaitMs: number
  readonly maxBytes: number
  readonly readCommitted: boolean
  readonly sessionId: number
  readonly sessionEpoch: number
  readonly partitions: readonly FetchAsked[]
  readonly forgotten: readonly AskedPartition[]
  readonly rack: string
}

type Request = Pick<ScriptedRequest, 'apiVersion' | 'body'>

/** Produce v3 to v13: every batch of the request. */
export function produceAsk({ apiVersion, body }: Request): ProducedBatch[] {
  const flexible = apiVersion >= 9
  const r = new ResponseReader(body)
  if (flexible) r.tags()
  flexible ? r.compactString() : r.string()
  r.int16()
  r.int32()
  const batches: ProducedBatch[] = []
  for (let topics = count(r, flexible); topics > 0; topics--) {
    const topic = topicKey(r, apiVersion >= 13, flexible)
    for (let left = count(r, flexible); left > 0; left--) {
      const partition = r.int32()
      const size = count(r, flexible)
      const at = r.skip(size)
      batches.push({ topic, partition, batch: Buffer.from(body.subarray(at, at + size)) })
      if (flexible) r.tags()
    }
    if (flexible) r.tags()
  }
  return batches
}

/** Fetch v4 to v13. */
export function fetchAsk({ apiVersion, body }: Request): FetchAsk {
  const flexible = apiVersion >= 12
  const r = new ResponseReader(body)
  if (flexible) r.tags()
  r.int32()
  const [maxWaitMs, , maxBytes, isolation] = [r.int32(), r.int32(), r.int32(), r.int8()]
  const [sessionId, sessionEpoch] = apiVersion >= 7 ? [r.int32(), r.int32()] : [0, -1]
  const partitions: FetchAsked[] = []
  for (let topics = count(r, flexible); topics > 0; topics--) {
    const topic = topicKey(r, apiVersion >= 13, flexible)
    for (let left = count(r, flexible); left > 0; left--) partitions.push(askedPartition(r, apiVersion, topic))
    if (flexible) r.tags()
  }
  const forgotten: AskedPartition[] = []
  for (let topics = apiVersion >= 7 ? count(r, flexible) : 0; topics > 0; topics--) {
    const topic = topicKey(r, apiVersion >= 13, flexible)
    for (let left = count(r, flexible); left > 0; left--) forgotten.push({ topic, partition: r.int32() })
    if (flexible) r.tags()
  }
  const rack = apiVersion < 11 ? '' : ((flexible ? r.compactString() : r.string()) ?? '')
  return { maxWaitMs, maxBytes, readCommitted: isolation === 1, sessionId, sessionEpoch, partitions, forgotten, rack }
}

/** ListOffsets v2 to v5. `at`: a timestamp in ms since the epoch, -1 for the end, -2 for the start. */
export function listOffsetsAsk({ body }: Request): (AskedPartition & { at: number; readCommitted: boolean })[] {
  const r = new ResponseReader(body)
  r.int32()
  const readCommitted = r.int8() === 1
  return partitionsOf(r, false, (topic) => {
    const partition = r.int32()
    r.int32()
    return { topic, partition, at: r.int64(), readCommitted }
  })
}

/** DescribeProducers v0. */
export function describeProducersAsk({ body }: Request): AskedPartition[] {
  const r = new ResponseReader(body)
  r.tags()
  return partitionsOf(r, true, (topic) => ({ topic, partition: r.int32() }))
}

function partitionsOf<T>(r: ResponseReader, flexible: boolean, one: (topic: string) => T): T[] {
  const found: T[] = []
  for (let topics = count(r, flexible); topics > 0; topics--) {
    const topic = topicKey(r, false, flexible)
    for (let left = count(r, flexible); left > 0; left--) found.push(one(topic))
    if (flexible) r.tags()
  }
  return found
}

function askedPartition(r: ResponseReader, version: number, topic: string): FetchAsked {
  const partition = r.int32()
  const leaderEpoch = version >= 9 ? r.int32() : -1
  const offset = r.int64()
  const lastFetchedEpoch = version >= 12 ? r.int32() : -1
  if (version >= 5) r.int64()
  const maxBytes = r.int32()
  if (version >= 12) r.tags()
  return { topic, partition, leaderEpoch, offset, lastFetchedEpoch, maxBytes }
}

const count = (r: ResponseReader, flexible: boolean) => (flexible ? r.uvarint() - 1 : r.int32())

function topicKey(r: ResponseReader, byId: boolean, flexible: boolean): string {
  return (byId ? r.uuid() : flexible ? r.compactString() : r.string()) ?? ''
}
