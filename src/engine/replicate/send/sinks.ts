// The sinks of one flow: two for each target broker. A broker works at one request of a connection after the other; with
// two connections it reads one request while it appends another. Measured on one machine, 16 KiB batches: 10 % faster, and
// 20 to 30 MB less memory, because frames come back sooner. A partition stays in its lane, so its batches keep their order.
import type { ClusterSettings } from '../../../kafka/cluster-settings.ts'
import type { BrokerAddress } from '../../../kafka/raw-connection.ts'
import type { FlowSettings } from '../../../mirror/flow-settings.ts'
import type { PartitionCopy } from '../partition-copy.ts'
import { Sink, type SinkPort } from './sink.ts'

/** Connections to each target broker. */
const LANES = 2

export class Sinks {
  readonly #parts: { settings: FlowSettings; cluster: ClusterSettings; port: SinkPort }
  readonly #lanes = new Map<number, readonly Sink[]>()
  #adopted = 0

  constructor(parts: { settings: FlowSettings; cluster: ClusterSettings; port: SinkPort }) {
    this.#parts = parts
  }

  /** Gives a new partition its lane, for good: neighbours come into different ones. */
  adopt(copy: PartitionCopy): void {
    copy.lane = this.#adopted++ % LANES
  }

  /** The sink that this partition's target leader and lane come to, if it has been opened. */
  of(copy: PartitionCopy): Sink | undefined {
    return this.#lanes.get(copy.targetLeader)?.[copy.lane]
  }

  /** Open ones. */
  get connections(): number {
    return [...this.#lanes.values()].flat().filter((sink) => sink.isConnected).length
  }

  /** Says that the partition has something to send, once the present turn is over. */
  offer(copy: PartitionCopy): void {
    const sink = this.of(copy)
    sink?.offer(copy)
    sink?.pumpSoon()
  }

  /**
   * Makes sure that there are sinks for this broker at this address. Former ones end; what they had in line they will not
   * say that they lost: `copies` are looked through for it.
   */
  open(broker: BrokerAddress, copies: Iterable<PartitionCopy>): void {
    const known = this.#lanes.get(broker.id)
    if (known?.[0] && sameAddress(known[0].broker, broker)) return
    for (const sink of known ?? []) sink.close()
    this.#lanes.set(
      broker.id,
      Array.from({ length: LANES }, () => new Sink(broker, this.#parts)),
    )
    if (!known) return
    for (const copy of copies) if (copy.targetLeader === broker.id && copy.hasWork) this.offer(copy)
  }

  close(): void {
    for (const sink of [...this.#lanes.values()].flat()) sink.close()
  }
}

/** True when a broker is still where it was. */
export function sameAddress(a: BrokerAddress, b: BrokerAddress): boolean {
  return a.host === b.host && a.port === b.port
}
