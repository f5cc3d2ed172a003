// Tests whether the user may write to topics that do not exist: sends a Produce request without records. The broker rejects it
// because of the missing permission, or, if the user has it, because of the missing topic.
import type { Cluster } from '../cluster.ts'
import { finish, RawConnection } from '../raw-connection.ts'
import { RequestWriter } from '../request-writer.ts'
import { ResponseReader } from '../wire/response-reader.ts'

const PRODUCE = 0
/** Kafka 4 supports 3 and newer; up to 7 the request has the same layout. */
const OUR_VERSIONS = { min: 3, max: 7 }
const ACKS_ALL = -1
const LIMIT_MS = 5000

/** Error codes by topic. @param topics that do not exist @throws Failure if no broker responds */
export async function produceProbe(cluster: Cluster, topics: readonly string[]): Promise<Map<string, number>> {
  const [broker] = (await cluster.metadata([])).brokers.values()
  if (!broker) return new Map()
  const connection = await RawConnection.open(cluster.settings, broker)
  try {
    const writer = new RequestWriter()
    const version = connection.version(PRODUCE, OUR_VERSIONS)
    const correlation = connection.begin(writer, PRODUCE, version, false)
    writer.string(null).int16(ACKS_ALL).int32(LIMIT_MS).int32(topics.length)
    for (const topic of topics) writer.string(topic).int32(1).int32(0).int32(0)
    return codesOf(new ResponseReader(await connection.send([finish(writer)], correlation)), version)
  } finally {
    connection.close()
  }
}

function codesOf(reader: ResponseReader, version: number): Map<string, number> {
  const codes = new Map<string, number>()
  for (let topics = reader.int32(); topics > 0; topics--) {
    const name = reader.string() ?? ''
    for (let partitions = reader.int32(); partitions > 0; partitions--) {
      reader.int32()
      codes.set(name, reader.int16())
      // Base offset, append time, and from version 5 on the log start offset.
      reader.skip(version >= 5 ? 24 : 16)
    }
  }
  return codes
}
