// Reads records of one partition from its leader, without a fetch session.
import type { BrokerAddress } from '../kafka/raw-connection.ts'
import { type FetchedPartition, readOnce } from '../kafka/raw-fetch.ts'
import { failureOfCode } from '../kafka/wire-errors.ts'
import type { BrokerConnections } from './broker-connections.ts'

interface PartitionReaderParts {
  /** alias, for messages */
  readonly cluster: string
  readonly connections: Pick<BrokerConnections, 'to'>
  readonly readCommitted: boolean
  /** size limit of a response (bytes) */
  readonly maxBytes: number
  readonly maxWaitMs: number
  /** the ACL operation that is needed, for messages */
  readonly right: string
}

interface PartitionBytes {
  readonly bytes: Buffer
  /** the range of the partition's batches in `bytes`, and the aborted transactions */
  readonly fetched: FetchedPartition
}

export class PartitionReader {
  readonly #parts: PartitionReaderParts

  constructor(parts: PartitionReaderParts) {
    this.#parts = parts
  }

  /**
   * Fetches batches from this offset on; none if the partition ends there. The first may begin before the offset, the last may be
   * incomplete.
   * @throws Failure of the connection or the broker, such as OFFSET_OUT_OF_RANGE
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
