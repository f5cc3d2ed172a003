// Writes given record batches byte for byte, so that a test controls the batches in a log.
import { encodeBatch, type NewRecord } from '../../src/batch/records.ts'
import type { ClusterSettings } from '../../src/kafka/cluster-settings.ts'
import { RawConnection } from '../../src/kafka/raw-connection.ts'
import { ProduceRequest } from '../../src/kafka/raw-produce.ts'
import { RequestWriter } from '../../src/kafka/request-writer.ts'

const SCRATCH = 64 * 1024

export interface Written {
  readonly topic: string
  /** default: 0 */
  readonly partition?: number
}

/**
 * Writes the batches one after the other to a partition of a plain cluster with one broker.
 * @returns the base offset of each
 * @throws Error with the broker's error code if a batch is refused
 */
export async function produceBatches(
  bootstrap: string,
  { topic, partition = 0 }: Written,
  batches: Iterable<Buffer>,
): Promise<number[]> {
  const [host = '', port = ''] = bootstrap.split(':')
  const settings: ClusterSettings = {
    ...{ alias: 'test', bootstrapServers: [bootstrap], clientId: 'test', protocol: 'PLAINTEXT' },
    ...{ connectTimeoutMs: 10_000, requestTimeoutMs: 60_000 },
  }
  const connection = await RawConnection.open(settings, { id: 1, host, port: Number(port) })
  const [writer, offsets] = [new RequestWriter(), [] as number[]]
  try {
    for (const batch of batches) {
      const request = new ProduceRequest(Buffer.alloc(SCRATCH))
      request.begin(connection, writer, -1, 30_000)
      request.add(topic, partition, batch, 0, batch.length)
      const [answer] = (await request.send(connection, 60_000, () => {})).partitions
      if (answer?.error !== 0)
        throw new Error(`${topic}-${partition} refused a batch: ${answer?.error} ${answer?.message}`)
      offsets.push(answer.baseOffset)
    }
  } finally {
    connection.close()
  }
  return offsets
}

/** Encodes the records in batches of `size`, with this codec (0 none ... 4 zstd). */
export function* inBatches(records: Iterable<NewRecord>, size: number, codec = 0): Generator<Buffer> {
  let held: NewRecord[] = []
  for (const record of records) {
    held.push(record)
    if (held.length < size) continue
    yield encodeBatch(held, { codec })
    held = []
  }
  if (held.length > 0) yield encodeBatch(held, { codec })
}
