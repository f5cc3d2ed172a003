// The border to the client library's requests: the highest version both sides know, partial errors as values.
import * as library from '@platformatic/kafka'
import { type Circumstances, Failure } from '../../base/failure.ts'

export type Versions = ReadonlyMap<number, { readonly min: number; readonly max: number }>

interface LibraryApi {
  readonly key: number
  readonly version: number
  readonly async: (connection: library.Connection, ...args: unknown[]) => Promise<unknown>
}

/**
 * Requests by the library's names: the versions whose arguments and answers have the shape we use. All versions take
 * the newest one's arguments and give its answer. Metadata below 4 cannot forbid creation; ListOffsets 0 lists segments.
 */
const known = {
  metadata: [4, 12],
  createTopics: [0, 7],
  createPartitions: [0, 3],
  describeConfigs: [0, 4],
  incrementalAlterConfigs: [0, 1],
  listOffsets: [1, 9],
  describeProducers: [0, 0],
  initProducerId: [0, 4],
  findCoordinator: [0, 6],
  joinGroup: [0, 9],
  syncGroup: [0, 5],
  heartbeat: [0, 4],
  leaveGroup: [0, 5],
  describeGroups: [0, 5],
} as const satisfies Readonly<Record<string, readonly [number, number]>>

export type ApiName = keyof typeof known

/**
 * Calls one request. Error codes inside the answer are left in it.
 * @throws Failure UNSUPPORTED_VERSION, or what the library throws of the connection
 */
export async function callApi<Answer>(
  connection: library.Connection,
  versions: Versions,
  name: ApiName,
  args: readonly unknown[],
  where: Circumstances,
): Promise<Answer> {
  const api = pick(name, versions, where)
  try {
    return (await api.async(connection, ...args)) as Answer
  } catch (error) {
    // The library throws when any part failed, but keeps the whole answer: our callers look at each part.
    if (error instanceof library.ResponseError && error['response'] !== undefined) return error['response'] as Answer
    throw error
  }
}

function pick(name: ApiName, versions: Versions, where: Circumstances): LibraryApi {
  const apis = library as unknown as Readonly<Record<string, { readonly api: LibraryApi } | undefined>>
  const [lowest, highest] = known[name]
  for (let version = highest; version >= lowest; version--) {
    const api = apis[`${name}V${version}`]?.api
    const theirs = api && versions.get(api.key)
    if (theirs && version >= theirs.min && version <= theirs.max) return api
  }
  const sentence = `broker ${where.broker ?? ''} of cluster ${where.cluster ?? ''} knows no version of ${name} that godwit knows`
  throw new Failure('UNSUPPORTED_VERSION', sentence, where)
}
