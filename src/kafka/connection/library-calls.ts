// The only use of the client library's protocol code: its requests and responses over godwit's connection, in the highest version that
// both sides support. Its modules are loaded one by one when first needed (ADR 0010).
import { type Circumstances, Failure, sentenceOf } from '../../base/failure.ts'
import { finish, type RawConnection } from '../raw-connection.ts'
import { RequestWriter } from '../request-writer.ts'
import { libraryPart } from './library-parts.ts'
import { libraryReader, type MakeReader } from './library-reader.ts'

/**
 * Requests by the library's names: API key, library file, and the versions that godwit uses. All versions of a request take the same
 * arguments and return a response of the same shape. Metadata below 4 would create topics; ListOffsets 0 returns segments.
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
/** What the library needs of a connection. */
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
 * Sends one request. Error codes in the response are left to the caller.
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
    // The library throws if any part of the response has an error code, but keeps the response: the callers check each part.
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
          return reportThrottle(connection, key, () => parse(correlation, key, version, reader))
        })
        .then(
          (answer) => callback(null, answer),
          (error: unknown) => callback(error instanceof Error ? error : new Error(String(error))),
        )
    },
  }
}

/** Reports the throttle time of a response; the parser throws if a part of the response has an error code, but keeps the response. */
function reportThrottle(connection: RawConnection, key: number, parse: () => unknown): unknown {
  const report = (answer: unknown) => {
    const { throttleTimeMs } = Object(answer) as { throttleTimeMs?: unknown }
    if (typeof throttleTimeMs === 'number') connection.throttled(key, throttleTimeMs)
  }
  try {
    const answer = parse()
    report(answer)
    return answer
  } catch (error) {
    if (error instanceof Error && 'response' in error) report(error.response)
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
  // Every broker supports some version of Metadata: this one is too old, or the port is not that of a broker.
  const remedy = theirs
    ? 'godwit needs Apache Kafka 0.11 or newer'
    : 'use the port of a broker: this one does not serve clients, and may be that of a KRaft controller'
  throw new Failure('UNSUPPORTED_VERSION', sentence, { ...where, ...(name === 'metadata' && { remedy }) })
}
