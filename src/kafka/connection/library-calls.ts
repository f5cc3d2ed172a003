// The border to the client library: its requests and answers over our connection, the highest version both sides know,
// partial errors as values. Its modules are loaded one by one when first needed (ADR 0010).
import { type Circumstances, Failure, sentenceOf } from '../../base/failure.ts'
import { finish, type RawConnection } from '../raw-connection.ts'
import { RequestWriter } from '../request-writer.ts'
import { libraryPart } from './library-parts.ts'
import { libraryReader, type MakeReader } from './library-reader.ts'

/**
 * Requests by the library's names: Kafka's key, the library's file, and the versions whose arguments and answers have the
 * shape we use. All versions take the newest one's arguments and give its answer. Metadata below 4 cannot forbid creation;
 * ListOffsets 0 lists segments.
 */
const known = {
  metadata: { key: 3, file: 'metadata/metadata', versions: [4, 12] },
  createTopics: { key: 19, file: 'admin/create-topics', versions: [0, 7] },
  createPartitions: { key: 37, file: 'admin/create-partitions', versions: [0, 3] },
  describeConfigs: { key: 32, file: 'admin/describe-configs', versions: [0, 4] },
  incrementalAlterConfigs: { key: 44, file: 'admin/incremental-alter-configs', versions: [0, 1] },
  alterConfigs: { key: 33, file: 'admin/alter-configs', versions: [0, 2] },
  describeAcls: { key: 29, file: 'admin/describe-acls', versions: [0, 3] },
  createAcls: { key: 30, file: 'admin/create-acls', versions: [0, 3] },
  listOffsets: { key: 2, file: 'consumer/list-offsets', versions: [1, 9] },
  describeProducers: { key: 61, file: 'admin/describe-producers', versions: [0, 0] },
  initProducerId: { key: 22, file: 'producer/init-producer-id', versions: [0, 4] },
  findCoordinator: { key: 10, file: 'metadata/find-coordinator', versions: [0, 6] },
  joinGroup: { key: 11, file: 'consumer/join-group', versions: [0, 9] },
  syncGroup: { key: 14, file: 'consumer/sync-group', versions: [0, 5] },
  heartbeat: { key: 12, file: 'consumer/heartbeat', versions: [0, 4] },
  leaveGroup: { key: 13, file: 'consumer/leave-group', versions: [0, 5] },
  listGroups: { key: 16, file: 'admin/list-groups', versions: [0, 5] },
  offsetFetch: { key: 9, file: 'consumer/offset-fetch', versions: [2, 9] },
  offsetCommit: { key: 8, file: 'consumer/offset-commit', versions: [2, 9] },
  consumerGroupDescribe: { key: 69, file: 'admin/consumer-group-describe', versions: [0, 0] },
  describeGroups: { key: 15, file: 'admin/describe-groups', versions: [0, 5] },
  describeLogDirs: { key: 35, file: 'admin/describe-log-dirs', versions: [1, 4] },
  describeCluster: { key: 60, file: 'admin/describe-cluster', versions: [0, 1] },
  describeQuorum: { key: 55, file: 'admin/describe-quorum', versions: [1, 2] },
  apiVersions: { key: 18, file: 'metadata/api-versions', versions: [3, 4] },
} as const

export type ApiName = keyof typeof known

type Parse = (correlation: number, key: number, version: number, reader: unknown) => unknown
interface Payload {
  readonly buffer: Buffer
}
/** The library's one idea of a connection: something that sends. */
interface Carrier {
  send(
    key: number,
    version: number,
    createPayload: () => Payload,
    parse: Parse,
    requestTags: boolean,
    answerTags: boolean,
    callback: (error: Error | null, answer?: unknown) => void,
  ): void
}
interface LibraryApi {
  readonly async: (carrier: Carrier, ...args: unknown[]) => Promise<unknown>
}

const apis = new Map<string, Promise<LibraryApi>>()

/**
 * Calls one request. Error codes inside the answer are left in it.
 * @throws Failure UNSUPPORTED_VERSION, or of the connection
 */
export async function callApi<Answer>(
  connection: RawConnection,
  name: ApiName,
  args: readonly unknown[],
  timeoutMs: number,
  where: Circumstances,
): Promise<Answer> {
  const api = await load(name, versionOf(connection, name, where))
  const makeReader = await libraryReader()
  try {
    return (await api.async(carrierOver(connection, makeReader, timeoutMs), ...args)) as Answer
  } catch (error) {
    // The library throws when any part failed, but keeps the whole answer: our callers look at each part.
    if (error instanceof Error && 'response' in error && error.response !== undefined) return error.response as Answer
    if (error instanceof Failure) throw error
    throw new Failure('INTERNAL', `the response to ${name} cannot be read: ${sentenceOf(error)}`, {
      ...where,
      cause: error,
    })
  }
}

function carrierOver(connection: RawConnection, makeReader: MakeReader, timeoutMs: number): Carrier {
  return {
    send(key, version, createPayload, parse, requestTags, answerTags, callback) {
      const payload = createPayload().buffer
      const writer = new RequestWriter(128)
      const correlation = connection.begin(writer, key, version, requestTags)
      const parts = payload.length > 0 ? [finish(writer, payload.length), payload] : [finish(writer)]
      connection
        .send(parts, correlation, { timeoutMs })
        .then((bytes) => {
          const reader = makeReader(bytes)
          if (answerTags) reader.readTaggedFields()
          return heedThrottle(connection, key, () => parse(correlation, key, version, reader))
        })
        .then(
          (answer) => callback(null, answer),
          (error: unknown) => callback(error instanceof Error ? error : new Error(String(error))),
        )
    },
  }
}

/** The library reads the throttle time of every answer that has one; it throws where a part of the answer is an error. */
function heedThrottle(connection: RawConnection, key: number, parse: () => unknown): unknown {
  const heed = (answer: unknown) => {
    const { throttleTimeMs } = Object(answer) as { throttleTimeMs?: unknown }
    if (typeof throttleTimeMs === 'number') connection.throttled(key, throttleTimeMs)
  }
  try {
    const answer = parse()
    heed(answer)
    return answer
  } catch (error) {
    if (error instanceof Error && 'response' in error) heed(error.response)
    throw error
  }
}

function load(name: ApiName, version: number): Promise<LibraryApi> {
  const file = `./apis/${known[name].file}-v${version}.js`
  const loaded = apis.get(file) ?? libraryPart<{ api: LibraryApi }>(file).then(({ api }) => api)
  apis.set(file, loaded)
  return loaded
}

function versionOf(connection: RawConnection, name: ApiName, where: Circumstances): number {
  const { key, versions } = known[name]
  const theirs = connection.versions.get(key)
  const version = Math.min(versions[1], theirs?.max ?? -1)
  if (theirs && version >= Math.max(versions[0], theirs.min)) return version
  const sentence = `broker ${where.broker ?? ''} of cluster ${where.cluster ?? ''} supports no version of ${name} that godwit supports`
  // Nobody serves clients without it: too old, or no broker at all.
  const remedy = theirs
    ? 'godwit needs Apache Kafka 0.11 or newer'
    : 'use the port of a broker: this one does not serve clients, and may be that of a KRaft controller'
  throw new Failure('UNSUPPORTED_VERSION', sentence, { ...where, ...(name === 'metadata' && { remedy }) })
}
