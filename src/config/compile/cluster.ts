// One client of one cluster: from the layers of keys that reach it to ClusterSettings.
import type { ClusterSettings } from '../../kafka/cluster-settings.ts'
import { parseSetting } from '../define.ts'
import { unsetVariable } from '../dialects/environment.ts'
import { below, type Entries, type Entry } from '../resolve.ts'
import { type Definition, isClientKey } from '../settings/known.ts'
import type { Complaints } from './complaints.ts'
import { Reader } from './reader.ts'
import { compileSecurity, type ReadFile } from './security.ts'

/** Maps laid over each other, later ones winning. */
export function layered(...layers: Iterable<readonly [string, Entry]>[]): Map<string, Entry> {
  return new Map(layers.flatMap((layer) => [...layer]))
}

/** Keys of a client inside a connector: connection keys of its side, then `role.`, then `side.role.`. */
export function connectorClient(
  connector: Entries,
  side: 'source' | 'target',
  role: 'consumer' | 'producer' | 'admin',
): Entries {
  const connection = below(connector, `${side}.cluster.`).filter(([key]) => isClientKey(key))
  return layered(connection, below(connector, `${role}.`), below(connector, `${side}.${role}.`))
}

/** Keys of the producer that writes the records: the worker's, not the connector's, except for its overrides. */
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
  /** a client.id of the file comes before MM2's name; otherwise it stands in its place */
  readonly isPrefixed: boolean
}

/** Compiles one client; what is wrong goes to `complaints`, and the settings are then not to be used. */
export function compileCluster(
  entries: Entries,
  definition: Definition,
  place: ClientPlace,
  readFile: ReadFile,
  complaints: Complaints,
): ClusterSettings {
  refuseBadValues(entries, definition, complaints)
  const reader = new Reader(entries, definition)
  return {
    alias: place.alias,
    bootstrapServers: bootstrapServers(reader, complaints),
    clientId: clientId(reader.text('client.id'), place),
    ...compileSecurity(reader, readFile, complaints),
    connectTimeoutMs: reader.number('socket.connection.setup.timeout.ms'),
    requestTimeoutMs: reader.number('request.timeout.ms'),
  }
}

/** A value Java's client would refuse; the addresses have their own check. */
function refuseBadValues(entries: Entries, definition: Definition, complaints: Complaints): void {
  for (const [key, { text }] of entries) {
    const setting = key === 'bootstrap.servers' ? undefined : definition.get(key)
    const parsed = setting && parseSetting(setting, text, 'dropped')
    if (parsed?.ok === false) complaints.error(key, parsed.reason, parsed.remedy)
  }
}

const address = /^(?:[A-Za-z_]+:\/\/)?(\[[0-9a-fA-F:.%]+\]|[0-9A-Za-z\-%._]+):([0-9]{1,5})$/

function bootstrapServers(reader: Reader, complaints: Complaints): string[] {
  const servers = reader.list('bootstrap.servers')
  if (servers.length === 0 && !reader.isSet('bootstrap.servers')) {
    complaints.error('bootstrap.servers', 'is missing', `write ${complaints.keyOf('bootstrap.servers')} = HOST:PORT`)
  }
  const good: string[] = []
  for (const server of servers) {
    const [, host, port] = address.exec(server) ?? []
    if (host !== undefined && Number(port) <= 65535) good.push(`${host}:${Number(port)}`)
    else
      complaints.error(
        'bootstrap.servers',
        `holds ${JSON.stringify(server)}, which is no address`,
        addressRemedy(server),
      )
  }
  return good
}

function addressRemedy(server: string): string {
  const variable = unsetVariable(server)
  if (variable !== undefined) return `set the environment variable ${variable}, or write the addresses into the file`
  return 'write HOST:PORT, separated by commas'
}
