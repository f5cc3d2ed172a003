// An Observer that counts: a few additions per partition and answer, everything else is left to the scrape.
import { failures } from '../base/failure.ts'
import type { Checkpointed, Committed, Observer, Passed, ThrottledAnswer, Troubled } from '../model/observer.ts'
import { type Measured, Window } from './window.ts'

/** What MM2's source task records about one partition. */
export class PartitionMeter {
  /** acknowledged by the target since the process started */
  records = 0
  /** fetched from the source since the process started */
  bytes = 0
  /** last seen, ms; 0 before the first */
  recordAge = 0
  replicationLatency = 0
  readonly #fetched = new Window()
  readonly #acknowledged = new Window()

  fetched(event: Passed, now: number): void {
    const age = event.timestamp < 0 ? Number.NaN : now - event.timestamp
    this.bytes += event.bytes
    if (!Number.isNaN(age)) this.recordAge = age
    this.#fetched.record(now, event.bytes, age)
  }

  acknowledged(event: Passed, now: number): void {
    const latency = event.timestamp < 0 ? Number.NaN : now - event.timestamp
    this.records += event.records
    if (!Number.isNaN(latency)) this.replicationLatency = latency
    this.#acknowledged.record(now, event.records, latency)
  }

  /** Byte rate and record ages. */
  measureFetched(now: number): Measured {
    return this.#fetched.measure(now)
  }

  /** Record rate and replication latencies. */
  measureAcknowledged(now: number): Measured {
    return this.#acknowledged.measure(now)
  }
}

/** What Connect records about one source task; all of it since the process started. */
export class TaskMeter {
  polled = 0
  polledBytes = 0
  written = 0
  writtenBytes = 0
  /** how often partitions came into trouble, by code */
  readonly troubles = new Map<Troubled['code'], number>()
  /** those that are tried again by themselves, and those that wait for a person */
  retries = 0
  parkings = 0
  /** ms since the epoch; 0 before the first */
  lastTrouble = 0
  readonly polls = new Window()
  readonly writes = new Window()
  /** how long commits took, ms; done or not */
  readonly commits = new Window()
  /** 1 for a commit that was done, 0 for one that was not */
  readonly outcomes = new Window()
  /** throttle times of Produce and Fetch answers, ms */
  readonly producing = new Window()
  readonly fetching = new Window()

  fetched({ records, bytes }: Passed, now: number): void {
    this.polled += records
    this.polledBytes += bytes
    this.polls.record(now, records, Number.NaN)
  }

  acknowledged({ records, bytes }: Passed, now: number): void {
    this.written += records
    this.writtenBytes += bytes
    this.writes.record(now, records, Number.NaN)
  }

  troubled(code: Troubled['code'], now: number): void {
    this.troubles.set(code, (this.troubles.get(code) ?? 0) + 1)
    const { verdict } = failures[code]
    if (verdict === 'retry' || verdict === 'refresh') this.retries++
    else this.parkings++
    this.lastTrouble = now
  }

  committed({ tookMs, isDone }: Committed, now: number): void {
    this.commits.record(now, 1, tookMs)
    this.outcomes.record(now, 1, Number(isDone))
  }
}

/** Checkpoints of one group: the last latency of each partition, and their spread over all of them. */
export class GroupMeter {
  /** topic on the target -> partition -> ms; a partition without a checkpoint is a hole */
  readonly last = new Map<string, number[]>()
  /** of any partition, ms */
  latest = 0
  readonly #latencies = new Window()

  checkpointed({ topic, partition, latencyMs }: Checkpointed, now: number): void {
    entry(this.last, topic, newNumbers)[partition] = latencyMs
    this.latest = latencyMs
    this.#latencies.record(now, 1, latencyMs)
  }

  measure(now: number): Measured {
    return this.#latencies.measure(now)
  }
}

export class Collector implements Observer {
  /** flow -> target topic -> partition -> meter */
  readonly #meters = new Map<string, Map<string, PartitionMeter[]>>()
  readonly #tasks = new Map<string, TaskMeter>()
  readonly #groups = new Map<string, Map<string, GroupMeter>>()
  /** flows that were seen to work, or to stand by for another process */
  readonly #begun = new Set<string>()
  readonly #now: () => number

  constructor(now: () => number = Date.now) {
    this.#now = now
  }

  fetched(event: Passed): void {
    const now = this.#now()
    this.meter(event.flow, event.topic, event.partition).fetched(event, now)
    this.task(event.flow).fetched(event, now)
  }

  acknowledged(event: Passed): void {
    const now = this.#now()
    this.meter(event.flow, event.topic, event.partition).acknowledged(event, now)
    this.task(event.flow).acknowledged(event, now)
  }

  checkpointed(event: Checkpointed): void {
    const group = entry(entry(this.#groups, event.flow, newMap<GroupMeter>), event.group, () => new GroupMeter())
    group.checkpointed(event, this.#now())
  }

  troubled({ flow, code }: Troubled): void {
    this.task(flow).troubled(code, this.#now())
  }

  committed(event: Committed): void {
    this.task(event.flow).committed(event, this.#now())
  }

  throttled({ flow, kind, throttleMs }: ThrottledAnswer): void {
    this.task(flow)[kind].record(this.#now(), 1, throttleMs)
  }

  /** The meter of a partition, named by its topic on the target; made at the first question. */
  meter(flow: string, targetTopic: string, partition: number): PartitionMeter {
    const partitions = entry(entry(this.#meters, flow, newMap<PartitionMeter[]>), targetTopic, newMeters)
    const meter = partitions[partition] ?? new PartitionMeter()
    partitions[partition] = meter
    return meter
  }

  /** The meter of a flow's source task; made at the first question. */
  task(flow: string): TaskMeter {
    return entry(this.#tasks, flow, () => new TaskMeter())
  }

  /** Groups of the flow that had a checkpoint. */
  groups(flow: string): ReadonlyMap<string, GroupMeter> {
    return this.#groups.get(flow) ?? new Map()
  }

  /** Whether the flow has ever come as far as to work or to stand by; `isNow` notes that it has. */
  hasBegun(flow: string, isNow: boolean): boolean {
    if (isNow) this.#begun.add(flow)
    return this.#begun.has(flow)
  }
}

const newMap = <V>() => new Map<string, V>()
const newMeters = (): PartitionMeter[] => []
const newNumbers = (): number[] => []

function entry<V>(map: Map<string, V>, key: string, make: () => V): V {
  const found = map.get(key)
  if (found !== undefined) return found
  const made = make()
  map.set(key, made)
  return made
}
