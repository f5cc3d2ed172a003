// A cluster of scripted brokers with logs in memory. The leader of a partition answers Fetch (with sessions), Produce,
// ListOffsets and DescribeProducers from its log. Replicas are always equal. A test defines the fault of each request.
import { type Reaction, ScriptedBroker, type ScriptedRequest } from '../scripted-broker.ts'
import {
  API,
  describeProducersBody,
  type FetchedPartition,
  fetchBody,
  listOffsetsBody,
  type ProducedPartition,
  produceBody,
} from './bodies.ts'
import type { ScriptedLog } from './partition-log.ts'
import {
  describeProducersAsk,
  type FetchAsk,
  type FetchAsked,
  fetchAsk,
  listOffsetsAsk,
  type ProducedBatch,
  produceAsk,
} from './requests.ts'

/**
 * cut: the connection ends, and the request is not executed. lose: the request is executed, and the connection ends without an
 * answer. delayMs: the request is executed, and the answer is delayed. cutAfter: the request is executed, and only the first
 * bytes of the answer are sent. zombieMs: the connection ends, and the request is executed so much later. zombieUntil: as
 * zombieMs, but when this promise resolves. pieceBytes: the answer is sent in pieces. keepBytes: the answer contains only the
 * first bytes of each partition's records.
 */
export type Fault =
  | 'cut'
  | 'lose'
  | { readonly delayMs: number }
  | { readonly cutAfter: number }
  | { readonly zombieMs: number }
  | { readonly zombieUntil: Promise<unknown> }
  | { readonly pieceBytes: number }
  | { readonly keepBytes: number }

interface Led {
  readonly log: ScriptedLog
  leader: number
  epoch: number
}

interface Session {
  epoch: number
  readonly wanted: Map<string, FetchAsked>
  /** the high watermark of the last answer */
  readonly told: Map<string, number>
}

/** Kafka's error codes for requests that are refused here. */
const OFFSET_OUT_OF_RANGE = 1
const UNKNOWN_TOPIC = 3
const NOT_LEADER = 6
const NO_SUCH_SESSION = 70
const WRONG_SESSION_EPOCH = 71
const FENCED_LEADER_EPOCH = 74

/**
 * Codes with which a leader answers although it has appended, because the replicas did not confirm: REQUEST_TIMED_OUT,
 * NOT_ENOUGH_REPLICAS_AFTER_APPEND.
 */
const AFTER_APPEND = new Set([7, 20])

/** A partition of a request. */
export interface Place {
  readonly topic: string
  readonly partition: number
  /** ListOffsets only: -1 for the end, -2 for the start, else a timestamp */
  readonly at?: number
}

const keyOf = ({ topic, partition }: Place) => `${topic}-${partition}`

export class ScriptedCluster implements AsyncDisposable {
  readonly brokers: ScriptedBroker[]
  /** the fault of a request; called once per request */
  fault: (apiKey: number) => Fault | undefined = () => undefined
  /**
   * Kafka's error code for a partition of a request; 0 for none. With a code the request is not executed, except for those in
   * AFTER_APPEND
   */
  errorOf: (apiKey: number, place: Place) => number = () => 0
  /** number of requests that will be executed although their connections have ended */
  zombies = 0
  readonly #led = new Map<string, Led>()
  readonly #sessions = new Map<number, Session>()

  private constructor(brokers: ScriptedBroker[]) {
    this.brokers = brokers
    const addresses = brokers.map(({ id, port }) => ({ id, host: '127.0.0.1', port }))
    for (const broker of brokers) {
      broker.brokers = addresses
      this.#answer(broker)
    }
  }

  static async start(brokers = 2): Promise<ScriptedCluster> {
    return new ScriptedCluster(
      await Promise.all(Array.from({ length: brokers }, (_, i) => ScriptedBroker.start(i + 1))),
    )
  }

  get bootstrap(): string[] {
    return this.brokers.map((broker) => broker.bootstrap)
  }

  /** Adds a topic. The brokers lead its partitions in turn. */
  add(topic: string, logs: readonly ScriptedLog[]): void {
    for (const [partition, log] of logs.entries())
      this.#led.set(`${topic}-${partition}`, { log, leader: 1 + (partition % this.brokers.length), epoch: 0 })
    this.#tell(topic, logs.length)
  }

  /** Gives a broker a new address. It still serves clients at the old one. */
  async relocate(id: number): Promise<void> {
    const broker = await ScriptedBroker.start(id)
    for (const [topic, told] of this.brokers[0]?.topics ?? []) broker.topics.set(topic, told)
    this.#answer(broker)
    const others = (this.brokers[0]?.brokers ?? []).filter((one) => one.id !== id)
    this.brokers.push(broker)
    for (const one of this.brokers) one.brokers = [...others, { id, host: '127.0.0.1', port: broker.port }]
  }

  /** Makes the next broker the leader of a partition. */
  move(topic: string, partition: number): void {
    const led = this.#led.get(`${topic}-${partition}`)
    if (!led) return
    led.leader = 1 + (led.leader % new Set(this.brokers.map((broker) => broker.id)).size)
    led.epoch++
    this.#tell(topic, [...this.#led.keys()].filter((key) => key.startsWith(`${topic}-`)).length)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.brokers.map((broker) => broker.close()))
  }

  #tell(topic: string, count: number): void {
    const partitions = Array.from({ length: count }, (_, partition) => {
      const { leader, epoch } = this.#led.get(`${topic}-${partition}`) as Led
      return { leader, epoch }
    })
    for (const broker of this.brokers) broker.topics.set(topic, { partitions })
  }

  #answer(broker: ScriptedBroker): void {
    const on = (
      apiKey: number,
      done: (request: ScriptedRequest, fault: Fault | undefined) => Buffer | Promise<Buffer>,
    ) => broker.on(apiKey, (request) => this.#react(request, done))
    on(API.PRODUCE, (request) => produceBody(request.apiVersion, this.#produce(broker.id, produceAsk(request))))
    on(API.FETCH, (request, fault) => this.#fetch(broker.id, request, fault))
    on(API.LIST_OFFSETS, (request) => listOffsetsBody(request.apiVersion, this.#list(broker.id, request)))
    on(API.DESCRIBE_PRODUCERS, (request) => {
      const answers = describeProducersAsk(request).map((place) => {
        const { led, error } = this.#lead(API.DESCRIBE_PRODUCERS, broker.id, place)
        return { ...place, error, producers: led && error === 0 ? led.log.producers : [] }
      })
      return describeProducersBody(answers)
    })
  }

  async #react(
    request: ScriptedRequest,
    done: (request: ScriptedRequest, fault: Fault | undefined) => Buffer | Promise<Buffer>,
  ): Promise<Reaction> {
    const fault = this.fault(request.apiKey)
    if (fault === 'cut') return 'cut'
    const late = lateBy(fault)
    if (late) {
      this.zombies++
      void late.then(() => {
        void done(request, undefined)
        this.zombies--
      })
      return 'cut'
    }
    const bytes = await done(request, fault)
    if (fault === undefined) return bytes
    if (fault === 'lose') return 'cut'
    if ('delayMs' in fault || 'cutAfter' in fault || 'pieceBytes' in fault) return { ...fault, bytes }
    return bytes
  }

  /** The partition, or the reason why this broker does not serve it. */
  #lead(apiKey: number, broker: number, place: Place): { led?: Led; error: number } {
    const led = this.#led.get(keyOf(place))
    if (!led) return { error: UNKNOWN_TOPIC }
    const error = this.errorOf(apiKey, place)
    return { led, error: error !== 0 ? error : led.leader === broker ? 0 : NOT_LEADER }
  }

  #produce(broker: number, batches: readonly ProducedBatch[]): ProducedPartition[] {
    return batches.map(({ topic, partition, batch }) => {
      const { led, error } = this.#lead(API.PRODUCE, broker, { topic, partition })
      const isTaken = error === 0 || (led?.leader === broker && AFTER_APPEND.has(error))
      const appended = led && isTaken ? led.log.append(batch) : undefined
      return { topic, partition, ...(error === 0 && appended ? appended : { error, baseOffset: -1 }) }
    })
  }

  #list(broker: number, request: ScriptedRequest) {
    return listOffsetsAsk(request).map(({ topic, partition, at }) => {
      const { led, error } = this.#lead(API.LIST_OFFSETS, broker, { topic, partition, at })
      const offset = led && error === 0 ? (at === -2 ? led.log.start : led.log.end) : -1
      return { topic, partition, error, offset }
    })
  }

  async #fetch(broker: number, request: ScriptedRequest, fault: Fault | undefined): Promise<Buffer> {
    const ask = fetchAsk(request)
    const { session, sessionId, error } = this.#sessionOf(ask)
    if (error !== 0) return fetchBody(request.apiVersion, [], { error })
    const keep = typeof fault === 'object' && 'keepBytes' in fault ? fault.keepBytes : undefined
    let answers = this.#read(broker, ask, session, keep)
    if (answers.length === 0) {
      await new Promise((resolve) => setTimeout(resolve, ask.maxWaitMs))
      answers = this.#read(broker, ask, session, keep)
    }
    return fetchBody(request.apiVersion, answers, { sessionId })
  }

  #sessionOf(ask: FetchAsk): { session: Session; sessionId: number; error: number } {
    const named = new Map(ask.partitions.map((one) => [keyOf(one), one]))
    if (ask.sessionEpoch <= 0) {
      const session = { epoch: 0, wanted: named, told: new Map() }
      const sessionId = ask.sessionEpoch === 0 ? this.#sessions.size + 1 : 0
      if (sessionId > 0) this.#sessions.set(sessionId, session)
      return { session, sessionId, error: 0 }
    }
    const session = this.#sessions.get(ask.sessionId)
    const none = { session: { epoch: 0, wanted: named, told: new Map() }, sessionId: 0 }
    if (!session) return { ...none, error: NO_SUCH_SESSION }
    if (ask.sessionEpoch !== session.epoch + 1) return { ...none, error: WRONG_SESSION_EPOCH }
    session.epoch++
    for (const one of ask.forgotten) session.wanted.delete(keyOf(one))
    for (const [key, one] of named) session.wanted.set(key, one)
    for (const key of named.keys()) session.told.delete(key)
    return { session, sessionId: ask.sessionId, error: 0 }
  }

  /** Partitions with news: records, an error, or a changed high watermark. */
  #read(broker: number, ask: FetchAsk, { wanted, told }: Session, keep: number | undefined): FetchedPartition[] {
    let left = ask.maxBytes
    let isFirst = true
    const answers: FetchedPartition[] = []
    for (const [key, one] of wanted) {
      const { led, error } = this.#lead(API.FETCH, broker, one)
      const code = error !== 0 ? error : led ? problemOf(led, one) : 0
      const place = { topic: one.topic, partition: one.partition }
      if (!led || code !== 0) {
        answers.push({ ...place, error: code })
        continue
      }
      const { log } = led
      const read = log.read(one.offset, Math.min(one.maxBytes, left), isFirst)
      const records = read.subarray(0, keep ?? read.length)
      if (records.length > 0) isFirst = false
      left = Math.max(0, left - records.length)
      if (records.length === 0 && told.get(key) === log.end) continue
      told.set(key, log.end)
      const aborted = ask.readCommitted ? log.abortedFrom(one.offset) : []
      answers.push({ ...place, highWatermark: log.end, logStart: log.start, aborted, records })
    }
    return answers
  }
}

/** When a request is executed whose connection has ended; undefined for other faults. */
function lateBy(fault: Fault | undefined): Promise<unknown> | undefined {
  if (typeof fault !== 'object') return undefined
  if ('zombieUntil' in fault) return fault.zombieUntil
  return 'zombieMs' in fault ? new Promise((resolve) => setTimeout(resolve, fault.zombieMs)) : undefined
}

function problemOf({ log, epoch }: Led, { offset, leaderEpoch }: FetchAsked): number {
  if (leaderEpoch >= 0 && leaderEpoch < epoch) return FENCED_LEADER_EPOCH
  return offset < log.start || offset > log.end ? OFFSET_OUT_OF_RANGE : 0
}
