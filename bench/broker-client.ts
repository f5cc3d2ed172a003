// A client of the bench for a single-broker cluster: topics and end offsets. It shares only the byte-level requests with the
// engine, and requests no metadata while it polls.
import type { ClusterSettings } from '../src/kafka/cluster-settings.ts'
import { finish, RawConnection } from '../src/kafka/raw-connection.ts'
import { RequestWriter } from '../src/kafka/request-writer.ts'
import { ResponseReader } from '../src/kafka/wire/response-reader.ts'

const LIST_OFFSETS = { key: 2, version: 1 }
const METADATA = { key: 3, version: 4 }
const CREATE_TOPICS = { key: 19, version: 4 }
const DELETE_TOPICS = { key: 20, version: 3 }
const LATEST = -1
const TIMEOUT_MS = 60_000

export type Partitions = ReadonlyMap<string, number>

/** Settings for a plain connection to `host:port`. */
export function plainSettings(bootstrap: string): ClusterSettings {
  return {
    alias: 'bench',
    bootstrapServers: [bootstrap],
    clientId: 'godwit-bench',
    protocol: 'PLAINTEXT',
    connectTimeoutMs: 10_000,
    requestTimeoutMs: TIMEOUT_MS,
  }
}

/** Opens a connection to the only broker of a cluster. Throws a Failure when it cannot be reached. */
export function connectTo(bootstrap: string): Promise<RawConnection> {
  const at = bootstrap.lastIndexOf(':')
  const broker = { id: 1, host: bootstrap.slice(0, at), port: Number(bootstrap.slice(at + 1)) }
  return RawConnection.open(plainSettings(bootstrap), broker)
}

export class BrokerClient {
  readonly #connection: RawConnection
  readonly #writer = new RequestWriter()

  private constructor(connection: RawConnection) {
    this.#connection = connection
  }

  static async open(bootstrap: string): Promise<BrokerClient> {
    return new BrokerClient(await connectTo(bootstrap))
  }

  close(): void {
    this.#connection.close()
  }

  /** Creates topics with one replica and these configs; throws an Error with the error code of the first failed topic. */
  async createTopics(topics: Partitions, configs: Readonly<Record<string, string>>): Promise<void> {
    const reader = await this.#request(CREATE_TOPICS, (w) => {
      w.int32(topics.size)
      for (const [name, partitions] of topics) {
        w.string(name).int32(partitions).int16(1).int32(0).int32(Object.keys(configs).length)
        for (const [key, value] of Object.entries(configs)) w.string(key).string(value)
      }
      w.int32(TIMEOUT_MS).int8(0)
    })
    reader.int32()
    for (let left = reader.int32(); left > 0; left--) {
      const name = reader.string()
      const code = reader.int16()
      const message = reader.string()
      if (code !== 0) throw new Error(`topic ${name} could not be created: error ${code} ${message ?? ''}`)
    }
  }

  /** Deletes topics; topics that do not exist are ignored. */
  async deleteTopics(names: readonly string[]): Promise<void> {
    if (names.length === 0) return
    await this.#request(DELETE_TOPICS, (w) => {
      w.int32(names.length)
      for (const name of names) w.string(name)
      w.int32(TIMEOUT_MS)
    })
  }

  /** Every topic with its number of partitions. */
  async topics(): Promise<Map<string, number>> {
    const reader = await this.#request(METADATA, (w) => w.int32(-1).int8(0))
    reader.int32()
    for (let left = reader.int32(); left > 0; left--) {
      reader.int32()
      reader.string()
      reader.int32()
      reader.string()
    }
    reader.string()
    reader.int32()
    const topics = new Map<string, number>()
    for (let left = reader.int32(); left > 0; left--) {
      reader.int16()
      const name = reader.string() ?? ''
      reader.int8()
      const partitions = reader.int32()
      for (let i = 0; i < partitions; i++) skipPartition(reader)
      topics.set(name, partitions)
    }
    return topics
  }

  /** End offset of each partition, by topic; -1 if the broker does not return it (yet). */
  async endOffsets(topics: Partitions): Promise<Map<string, number[]>> {
    const reader = await this.#request(LIST_OFFSETS, (w) => {
      w.int32(-1).int32(topics.size)
      for (const [name, partitions] of topics) {
        w.string(name).int32(partitions)
        for (let partition = 0; partition < partitions; partition++) w.int32(partition).int64(LATEST)
      }
    })
    const ends = new Map<string, number[]>()
    for (let left = reader.int32(); left > 0; left--) {
      const offsets: number[] = []
      ends.set(reader.string() ?? '', offsets)
      for (let partitions = reader.int32(); partitions > 0; partitions--) {
        const partition = reader.int32()
        const code = reader.int16()
        reader.int64()
        const offset = reader.int64()
        offsets[partition] = code === 0 ? offset : -1
      }
    }
    return ends
  }

  async #request(
    api: { readonly key: number; readonly version: number },
    write: (writer: RequestWriter) => void,
  ): Promise<ResponseReader> {
    const correlation = this.#connection.begin(this.#writer, api.key, api.version, false)
    write(this.#writer)
    return new ResponseReader(await this.#connection.send([finish(this.#writer)], correlation))
  }
}

function skipPartition(reader: ResponseReader): void {
  reader.int16()
  reader.int32()
  reader.int32()
  for (let left = reader.int32(); left > 0; left--) reader.int32()
  for (let left = reader.int32(); left > 0; left--) reader.int32()
}
