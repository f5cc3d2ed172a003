// Brokers of one topic in memory, for the connections of a log reader or writer: Produce v8 and Fetch v4. A test defines errors,
// lost connections and moved leaders.
import { Failure } from '../../../src/base/failure.ts'
import { baseOffsetOf, lastOffsetDeltaOf, sizeOf } from '../../../src/batch/header.ts'
import { decodeBatch } from '../../../src/batch/records.ts'
import type { BrokerAddress, RawConnection } from '../../../src/kafka/raw-connection.ts'
import type { BrokerConnections, Leaders } from '../../../src/records/broker-connections.ts'

interface Answer {
  readonly error?: number
  /** the connection ends before the answer */
  readonly lost?: boolean
}

interface Log {
  readonly batches: Buffer[]
  end: number
  start: number
  /** the last stable offset for read_committed; undefined: the end */
  stable?: number
  aborted: { producerId: bigint; firstOffset: number }[]
}

export class MemoryBroker {
  readonly topic = 'mm2-offsets.A.internal'
  readonly logs: Log[]
  /** one entry per Produce request: the broker, and the partitions in it */
  readonly produced: { broker: number; partitions: number[] }[] = []
  fetches = 0
  /** by partition: the id of the actual leader */
  readonly leads: number[]
  /** how often leaders were requested again */
  refreshed = 0
  /** faults of the next requests, by partition; each is used once */
  readonly faults = new Map<number, Answer[]>()
  /** maximum bytes of a partition in one Fetch answer, but at least one batch */
  fetchBytes = 1 << 20
  #known: BrokerAddress[]

  constructor(partitions: number, brokers = 1) {
    this.logs = Array.from({ length: partitions }, () => ({ batches: [], end: 0, start: 0, aborted: [] }))
    this.leads = Array.from({ length: partitions }, (_, partition) => (partition % brokers) + 1)
    this.#known = this.#addresses()
  }

  get access() {
    const leaders: Leaders = async (which) => {
      if (which === 'fresh') {
        this.refreshed++
        this.#known = this.#addresses()
      }
      return this.#known
    }
    const connections: Pick<BrokerConnections, 'to'> = { to: async (broker) => this.#connection(broker) }
    const admin = { listOffsets: async (asked: readonly { partition: number; at: unknown }[]) => this.#offsets(asked) }
    return { cluster: 'B', topic: this.topic, leaders, connections, admin: admin as never }
  }

  append(partition: number, batch: Buffer): number {
    const log = this.logs[partition] as Log
    const stored = Buffer.from(batch)
    stored.writeBigInt64BE(BigInt(log.end), 0)
    log.batches.push(stored)
    const base = log.end
    log.end += lastOffsetDeltaOf(stored, 0) + 1
    return base
  }

  /** All records of a partition as `key=value`. */
  texts(partition: number): string[] {
    const records = this.logs[partition]?.batches.flatMap((batch) => decodeBatch(batch, 0, batch.length)) ?? []
    return records.map(({ key, value }) => `${key?.toString()}=${value?.toString()}`)
  }

  #addresses(): BrokerAddress[] {
    return this.leads.map((id) => ({ id, host: 'memory', port: id }))
  }

  #offsets(asked: readonly { partition: number; at: unknown }[]) {
    return new Map(
      asked.map(({ partition, at }) => {
        const log = this.logs[partition] as Log
        return [`${this.topic}-${partition}`, { offset: at === 'earliest' ? log.start : log.end }]
      }),
    )
  }

  #connection(broker: BrokerAddress): RawConnection {
    const connection: Pick<RawConnection, 'broker' | 'usable' | 'version' | 'begin' | 'send' | 'throttled'> = {
      broker,
      usable: true,
      version: (api) => (api === 0 ? 8 : 4),
      begin(writer, api, version) {
        writer.reset().int32(0).int16(api).int16(version).int32(7).string('test')
        return 7
      },
      throttled() {},
      send: async (parts, _correlation, options) => {
        options?.written?.()
        const request = Buffer.concat(parts)
        await new Promise((resolve) => setImmediate(resolve))
        const answer =
          request.readInt16BE(4) === 0 ? this.#produce(broker.id, request) : this.#fetch(broker.id, request)
        if (answer) return answer
        throw new Failure('CONNECTION_LOST', 'the connection was cut')
      },
    }
    return connection as RawConnection
  }

  #fault(partition: number, broker: number): Answer | undefined {
    return this.faults.get(partition)?.shift() ?? (this.leads[partition] === broker ? undefined : { error: 6 })
  }

  #produce(broker: number, request: Buffer): Buffer | undefined {
    const r = new Cursor(request, 12)
    r.text()
    r.skip(2 + 2 + 4 + 4)
    r.text()
    const partitions: number[] = []
    const out: Buffer[] = []
    let lost = false
    for (let left = r.int32(); left > 0; left--) {
      const partition = r.int32()
      const batch = r.take(r.int32())
      if (sizeOf(batch, 0) !== batch.length) throw new Error('more than one batch for a partition')
      partitions.push(partition)
      const fault = this.#fault(partition, broker)
      lost ||= fault?.lost === true
      const base = fault?.error === undefined ? this.append(partition, batch) : -1
      out.push(int32(partition), int16(fault?.error ?? 0), int64(base), int64(-1), int64(0), int32(0), int16(-1))
    }
    this.produced.push({ broker, partitions })
    return lost ? undefined : Buffer.concat([int32(1), text(this.topic), int32(partitions.length), ...out, int32(0)])
  }

  #fetch(broker: number, request: Buffer): Buffer | undefined {
    this.fetches++
    const r = new Cursor(request, 12)
    r.text()
    r.skip(4 + 4 + 4 + 4 + 1 + 4)
    r.text()
    const out: Buffer[] = []
    const count = r.int32()
    let lost = false
    for (let left = count; left > 0; left--) {
      const [partition, from] = [r.int32(), r.int64()]
      r.skip(4)
      const fault = this.#fault(partition, broker)
      lost ||= fault?.lost === true
      out.push(this.#fetched(partition, from, fault?.error ?? 0))
    }
    return lost ? undefined : Buffer.concat([int32(0), int32(1), text(this.topic), int32(count), ...out])
  }

  #fetched(partition: number, from: number, error: number): Buffer {
    const log = this.logs[partition] as Log
    const stable = log.stable ?? log.end
    const chosen: Buffer[] = []
    let size = 0
    for (const batch of log.batches) {
      const base = baseOffsetOf(batch, 0)
      if (error !== 0 || base + lastOffsetDeltaOf(batch, 0) < from || base >= stable) continue
      if (size > 0 && size + batch.length > this.fetchBytes) break
      chosen.push(batch)
      size += batch.length
    }
    const aborted = log.aborted.flatMap((one) => [int64(Number(one.producerId)), int64(one.firstOffset)])
    const head = [int32(partition), int16(error), int64(log.end), int64(stable), int32(log.aborted.length), ...aborted]
    return Buffer.concat([...head, int32(size), ...chosen])
  }
}

class Cursor {
  readonly #bytes: Buffer
  #at: number
  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes
    this.#at = at
  }
  skip(size: number) {
    this.#at += size
  }
  int32(): number {
    this.skip(4)
    return this.#bytes.readInt32BE(this.#at - 4)
  }
  int64(): number {
    this.skip(8)
    return Number(this.#bytes.readBigInt64BE(this.#at - 8))
  }
  take(size: number): Buffer {
    this.skip(size)
    return this.#bytes.subarray(this.#at - size, this.#at)
  }
  text(): string {
    this.skip(2)
    return this.take(Math.max(0, this.#bytes.readInt16BE(this.#at - 2))).toString()
  }
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeInt16BE(value)
  return bytes
}
function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}
function int64(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigInt64BE(BigInt(value))
  return bytes
}
function text(value: string): Buffer {
  return Buffer.concat([int16(Buffer.byteLength(value)), Buffer.from(value)])
}
