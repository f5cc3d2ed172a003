// The border to the client library: one call of one api, with the highest version both sides know,
// partial errors as values, everything else as a Failure.
import * as library from '@platformatic/kafka'
import { type Circumstances, Failure, sentenceOf } from '../../base/failure.ts'
import { failureOfCode } from '../wire-errors.ts'

export type Versions = ReadonlyMap<number, { readonly min: number; readonly max: number }>

interface LibraryApi {
  readonly key: number
  readonly version: number
  readonly async: (connection: library.Connection, ...args: unknown[]) => Promise<unknown>
}

/** Request names as the library spells them, with their highest version that keeps the arguments we pass. */
const highest = {
  metadata: 12,
  createTopics: 7,
  createPartitions: 3,
  describeConfigs: 4,
  incrementalAlterConfigs: 1,
  listOffsets: 7,
  describeProducers: 0,
  initProducerId: 4,
  findCoordinator: 4,
  joinGroup: 8,
  syncGroup: 5,
  heartbeat: 4,
  leaveGroup: 5,
  describeGroups: 5,
} as const

export type ApiName = keyof typeof highest

/**
 * Calls one api. Error codes inside the answer are left in it.
 * @throws Failure UNSUPPORTED_VERSION, or of the connection
 */
export async function call<Answer>(
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
    throw failureOfLibraryError(error, where)
  }
}

function pick(name: ApiName, versions: Versions, where: Circumstances): LibraryApi {
  const apis = library as unknown as Readonly<Record<string, { readonly api: LibraryApi } | undefined>>
  for (let version = highest[name]; version >= 0; version--) {
    const api = apis[`${name}V${version}`]?.api
    const theirs = api && versions.get(api.key)
    if (theirs && version >= theirs.min && version <= theirs.max) return api
  }
  throw new Failure('UNSUPPORTED_VERSION', `cluster ${where.cluster ?? ''} does not know the request ${name}`, where)
}

/** Maps what the library throws, told apart by class and content because time-outs carry the network code. */
export function failureOfLibraryError(error: unknown, where: Circumstances): Failure {
  if (error instanceof Failure) return error
  const texts = chainOf(error).map((one) => `${sentenceOf(one)} ${String((one as { code?: unknown }).code ?? '')}`)
  const all = texts.join(' | ')
  const message = `cluster ${where.cluster ?? ''}${where.broker ? `, broker ${where.broker}` : ''}: ${chainOf(error).map(sentenceOf).at(-1) ?? 'unknown error'}`
  const cause = { ...where, cause: error }
  const wireCode = chainOf(error)
    .map((one) => (one as { apiCode?: unknown }).apiCode)
    .find((code) => typeof code === 'number')
  if (typeof wireCode === 'number') return failureOfCode(wireCode, cause)
  if (/authentication failed|PLT_KFK_AUTHENTICATION|invalid credentials/i.test(all)) {
    return new Failure('AUTHENTICATION_FAILED', message, {
      ...cause,
      remedy: 'check sasl.mechanism and the user name and password in sasl.jaas.config',
    })
  }
  if (/self.signed|unable to (verify|get)|CERT_|ERR_TLS|altname|certificate|wrong version number|EPROTO/i.test(all)) {
    return new Failure('TLS_FAILED', message, {
      ...cause,
      remedy:
        'check ssl.truststore.* (the CA that signed the broker), the host name in the certificate, and that the port speaks TLS',
    })
  }
  if (error instanceof library.TimeoutError) return new Failure('REQUEST_TIMED_OUT', message, cause)
  if (/ENOTFOUND|EAI_AGAIN/.test(all))
    return new Failure('BROKER_UNREACHABLE', message, {
      ...cause,
      remedy: 'the host name cannot be resolved; check bootstrap.servers and DNS',
    })
  if (/ECONNREFUSED/.test(all))
    return new Failure('BROKER_UNREACHABLE', message, {
      ...cause,
      remedy: 'nothing listens there; check bootstrap.servers and that the broker runs',
    })
  return new Failure('BROKER_UNREACHABLE', message, cause)
}

/** The error, its causes and its parts, outermost first. */
function chainOf(error: unknown): unknown[] {
  const chain: unknown[] = []
  const walk = (one: unknown) => {
    if (one === undefined || one === null || chain.includes(one) || chain.length > 20) return
    chain.push(one)
    if (one instanceof AggregateError) one.errors.forEach(walk)
    if (one instanceof Error) walk(one.cause)
  }
  walk(error)
  return chain
}
