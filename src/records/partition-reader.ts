// Reads one partition from its leader, once and without a fetch session: what lies there from an offset on.
import type { BrokerAddress } from '../kafka/raw-connection.ts'
import { type FetchedPartition, readOnce } from '../kafka/raw-fetch.ts'
import { failureOfCode } from '../kafka/wire-errors.ts'
import type { BrokerConnections } from './broker-connections.ts'

interface PartitionReaderParts {
  /** alias, for messages */
  readonly cluster: string
  readonly connections: Pick<BrokerConnections, 'to'>
  readonly readCommitted: boolean
  /** bytes of one answer */
  readonly maxBytes: number
  readonly maxWaitMs: number
  /** the permission that is needed, for messages */
  readonly right: string
}

interface PartitionBytes {
  readonly bytes: Buffer
  /** where the batches of the partition lie in `bytes`, and which transactions are aborted */
  readonly fetched: FetchedPartition
}

export class PartitionReader {
  readonly #parts: PartitionReaderParts

  constructor(parts: PartitionReaderParts) {
    this.#parts = parts
  }

  /**
   * Batches from this offset on; none where nothing lies behind it yet. The first may begin below it, the last may be cut off.
   * @throws Failure of the connection or of the broker, such as OFFSET_OUT_OF_RANGE
   */
  async read(leader: BrokerAddress, topic: string, partition: number, offset: number): Promise<PartitionBytes> {
    const { cluster, connections, readCommitted, maxBytes, maxWaitMs, right } = this.#parts
    const topics = [{ topic, partitions: [{ partition, offset }] }]
    const connection = await connections.to(leader)
    const answer = await readOnce(connection, { topics, partitionBytes: maxBytes, maxBytes, maxWaitMs, readCommitted })
    const [fetched] = answer.partitions
    const error = fetched?.error ?? answer.error
    if (answer.error !== 0 || !fetched || error !== 0) throw failureOfCode(error, { cluster, topic, partition, right })
    return { bytes: answer.bytes, fetched }
  }
}
