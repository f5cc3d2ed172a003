// An Observer that counts: a few additions per partition and answer, everything else is left to the scrape.
import type { Observer, Passed } from '../mirror/observer.ts'
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

export class Collector implements Observer {
  /** flow -> target topic -> partition -> meter */
  readonly #meters = new Map<string, Map<string, PartitionMeter[]>>()
  readonly #now: () => number

  constructor(now: () => number = Date.now) {
    this.#now = now
  }

  fetched(event: Passed): void {
    this.meter(event.flow, event.topic, event.partition).fetched(event, this.#now())
  }

  acknowledged(event: Passed): void {
    this.meter(event.flow, event.topic, event.partition).acknowledged(event, this.#now())
  }

  /** The meter of a partition, named by its topic on the target; made at the first question. */
  meter(flow: string, targetTopic: string, partition: number): PartitionMeter {
    const partitions = entry(entry(this.#meters, flow, newMap), targetTopic, newList)
    const meter = partitions[partition] ?? new PartitionMeter()
    partitions[partition] = meter
    return meter
  }
}

const newMap = () => new Map<string, PartitionMeter[]>()
const newList = (): PartitionMeter[] => []

function entry<V>(map: Map<string, V>, key: string, make: () => V): V {
  const found = map.get(key)
  if (found !== undefined) return found
  const made = make()
  map.set(key, made)
  return made
}
