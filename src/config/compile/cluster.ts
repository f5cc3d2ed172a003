// One client of one cluster: ClusterSettings from the layers of keys that apply to it.
import type { ClusterSettings } from '../../kafka/cluster-settings.ts'
import { type ClientDefinition, isClientKey } from '../definitions.ts'
import { unsetVariable } from '../dialects/environment.ts'
import { parseSetting } from '../parse.ts'
import type { ScopedProblems } from '../problems.ts'
import { below, type Entries, type Entry } from '../resolve.ts'
import type { Definition, RowOf } from '../setting.ts'
import { type ClientInput, Reader } from './reader.ts'
import { compileSecurity } from './security.ts'

/** Combines maps; later ones win. */
export function layered(...layers: Iterable<readonly [string, Entry]>[]): Map<string, Entry> {
  return new Map(layers.flatMap((layer) => [...layer]))
}

/** The keys of a client within a connector: connection keys of its side, then `role.`, then `side.role.`. */
export function connectorClient(
  connector: Entries,
  side: 'source' | 'target',
  role: 'consumer' | 'producer' | 'admin',
): Entries {
  const connection = below(connector, `${side}.cluster.`).filter(([key]) => isClientKey(key))
  return layered(connection, below(connector, `${role}.`), below(connector, `${side}.${role}.`))
}

/** The keys of the producer that writes the records: the worker's, with the connector's overrides. */
export function recordProducer(worker: Entries, connector: Entries): Entries {
  const addresses = [...worker].filter(([key]) => key === 'bootstrap.servers')
  return layered(addresses, below(worker, 'producer.'), below(connector, 'producer.override.'))
}

const clientId = (given: string, { clientId: own, isPrefixed }: ClientPlace) =>
  given === '' ? own : isPrefixed ? `${given}|${own}` : given

export interface ClientPlace {
  readonly alias: string
  /** MM2's name of the client */
  readonly clientId: string
  /** the file's client.id is a prefix of MM2's name; otherwise it replaces the name */
  readonly isPrefixed: boolean
}

/** Compiles one client. Problems are added to `outside.problems`; the settings must not be used then. */
export function compileCluster(
  entries: Entries,
  definition: ClientDefinition,
  place: ClientPlace,
  outside: Omit<ClientInput, 'reader'>,
): ClusterSettings {
  refuseBadValues(entries, definition, outside.problems)
  const reader = new Reader<RowOf<ClientDefinition>>(entries, definition)
  return {
    alias: place.alias,
    bootstrapServers: bootstrapServers({ reader, problems: outside.problems }),
    clientId: clientId(reader.text('client.id'), place),
    ...compileSecurity({ reader, ...outside }),
    connectTimeoutMs: reader.number('socket.connection.setup.timeout.ms'),
    requestTimeoutMs: reader.number('request.timeout.ms'),
  }
}

/** Reports values that Java's client would refuse. The addresses have their own check. */
function refuseBadValues(entries: Entries, definition: Definition, problems: ScopedProblems): void {
  for (const [key, { text }] of entries) {
    const setting = key === 'bootstrap.servers' ? undefined : definition.get(key)
    const parsed = setting && parseSetting(setting, text, 'dropped')
    if (parsed?.ok === false) problems.error(key, parsed.reason, parsed.remedy)
  }
}

const address = /^(?:[A-Za-z_]+:\/\/)?(\[[0-9a-fA-F:.%]+\]|[0-9A-Za-z\-%._]+):([0-9]{1,5})$/

function bootstrapServers({ reader, problems }: Omit<ClientInput, 'readFile'>): string[] {
  const key = 'bootstrap.servers'
  const servers = reader.list(key)
  if (servers.length === 0 && !reader.isSet(key))
    problems.error(key, 'is missing', `write ${problems.keyOf(key)} = HOST:PORT`)
  return servers.flatMap((server) => {
    const [, host, port] = address.exec(server) ?? []
    if (host !== undefined && Number(port) <= 65535) return [`${host}:${Number(port)}`]
    problems.error(key, `holds ${JSON.stringify(server)}, which is no address`, addressRemedy(server))
    return []
  })
}

function addressRemedy(server: string): string {
  const variable = unsetVariable(server)
  if (variable !== undefined) return `set the environment variable ${variable}, or write the addresses into the file`
  return 'write HOST:PORT, separated by commas'
}
