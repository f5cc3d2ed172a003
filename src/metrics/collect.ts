// An Observer that counts. It does a few additions per partition and response; everything else is computed at the scrape.
import { failures } from '../base/failure.ts'
import type { Checkpointed, Committed, Observer, Passed, ThrottledAnswer, Troubled } from '../model/observer.ts'
import { type Measured, Window } from './window.ts'

/** The metrics of one partition that MM2's source task records. */
export class PartitionMeter {
  /** acknowledged by the target since the process started */
  records = 0
  /** fetched from the source since the process started */
  bytes = 0
  /** last measured, ms; 0 before the first */
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

/** The metrics of one source task that Connect records, since the process started. */
export class TaskMeter {
  polled = 0
  polledBytes = 0
  written = 0
  writtenBytes = 0
  /** failures of partitions, by code */
  readonly failuresByCode = new Map<Troubled['code'], number>()
  /** failures that are retried automatically, and failures that quarantine the partition until a manual action */
  retries = 0
  parkings = 0
  /** ms since the epoch; 0 before the first */
  lastFailure = 0
  readonly polls = new Window()
  readonly writes = new Window()
  /** duration of commits, successful or not, ms */
  readonly commits = new Window()
  /** 1 for a successful commit, 0 for a failed one */
  readonly outcomes = new Window()
  /** throttle times of Produce and Fetch responses, ms */
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
    this.failuresByCode.set(code, (this.failuresByCode.get(code) ?? 0) + 1)
    const { verdict } = failures[code]
    if (verdict === 'retry' || verdict === 'refresh') this.retries++
    else this.parkings++
    this.lastFailure = now
  }

  committed({ tookMs, isDone }: Committed, now: number): void {
    this.commits.record(now, 1, tookMs)
    this.outcomes.record(now, 1, Number(isDone))
  }
}

/** Checkpoints of one group: the last latency of each partition, and the statistics over all of them. */
export class GroupMeter {
  /** topic on the target -> partition -> ms; a partition without a checkpoint is an empty slot of the array */
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
  /** flows that have worked, or stood by for another process, at least once */
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

  /** The meter of a partition, identified by its topic on the target; created at the first call. */
  meter(flow: string, targetTopic: string, partition: number): PartitionMeter {
    const partitions = entry(entry(this.#meters, flow, newMap<PartitionMeter[]>), targetTopic, newMeters)
    const meter = partitions[partition] ?? new PartitionMeter()
    partitions[partition] = meter
    return meter
  }

  /** The meter of a flow's source task; created at the first call. */
  task(flow: string): TaskMeter {
    return entry(this.#tasks, flow, () => new TaskMeter())
  }

  /** Groups of the flow that have had a checkpoint. */
  groups(flow: string): ReadonlyMap<string, GroupMeter> {
    return this.#groups.get(flow) ?? new Map()
  }

  /** Whether the flow has ever worked or stood by. @param isNow it does now; this is recorded */
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
