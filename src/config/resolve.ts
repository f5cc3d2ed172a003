// Which keys of the file apply to which part of a flow: MM2's prefixes and precedence (MirrorMakerConfig of Kafka 4.3), as maps
// of entries. Values are neither parsed nor checked here.
import type { ConnectorName } from '../model/flow-status.ts'
import { connectorKeys, isClientKey } from './definitions.ts'
import { defaultOf } from './setting.ts'
import { byteArrayConverter } from './settings/connector.ts'
import { heartbeatSettings } from './settings/heartbeat.ts'

/** A value with its origin. Maps of entries have the derived name as key (`source.cluster.bootstrap.servers`). */
export interface Entry {
  /** the key as written in the file; the derived name if MM2 inserts it */
  readonly key: string
  /** the value as written in the file, with unexpanded references and variables */
  readonly written: string
  /** the value with environment variables replaced and, in a resolved map, references resolved */
  readonly text: string
  /** line in the file; 0: inserted by MM2, or by what `by` names */
  readonly line: number
  readonly by?: string
}

export type Entries = ReadonlyMap<string, Entry>

/** An ordered pair of clusters that has a herder in MM2. */
export interface Pair {
  readonly source: string
  readonly target: string
}

/** The flow's name, which is also the prefix of its keys: `A->B`. */
export const flowName = ({ source, target }: Pair): string => `${source}->${target}`

/** Java's Boolean.parseBoolean: no trimming, everything except `true` is false. */
export const javaBoolean = (text: string | undefined): boolean => text?.toLowerCase() === 'true'

/**
 * The pairs that get connectors: those that are enabled or emit heartbeats, in the order of the file. `entries` is the resolved
 * file; values are not trimmed, so `true ` with a blank is false.
 */
export function clusterPairs(entries: Entries, aliases: readonly string[]): Pair[] {
  const textOf = (key: string) => entries.get(key)?.text
  const beatsByDefault = textOf('emit.heartbeats.enabled') ?? defaultOf(heartbeatSettings, 'emit.heartbeats.enabled')
  const pairs = aliases.flatMap((source) => aliases.map((target) => ({ source, target })))
  return pairs.filter((pair) => {
    if (pair.source === pair.target) return false
    const beats = textOf(`${flowName(pair)}.emit.heartbeats.enabled`) ?? beatsByDefault
    return javaBoolean(textOf(`${flowName(pair)}.enabled`)) || javaBoolean(beats)
  })
}

/** Entries whose key starts with `prefix` (or equals it), with their full names. */
function withPrefix(entries: Entries, prefix: string): [string, Entry][] {
  return [...entries].filter(([key]) => key.startsWith(prefix))
}

/** Entries below `prefix`, which is removed. A key equal to the prefix is not included. */
export function below(entries: Entries, prefix: string): [string, Entry][] {
  return withPrefix(entries, prefix)
    .filter(([key]) => key.length > prefix.length)
    .map(([key, entry]) => [key.slice(prefix.length), entry])
}

/**
 * The properties of one cluster: `X.<key>`; its connection keys also for producer, consumer and admin; and connection keys
 * without prefix that are still missing.
 */
export function clusterProps(entries: Entries, alias: string): Map<string, Entry> {
  const props = new Map(below(entries, `${alias}.`))
  const fill = (key: string, entry: Entry) => {
    if (!props.has(key)) props.set(key, entry)
  }
  const roles = ['producer.', 'consumer.', 'admin.']
  for (const [key, entry] of [...props]) {
    if (isClientKey(key)) for (const role of roles) fill(role + key, entry)
  }
  for (const [key, entry] of entries) {
    if (isClientKey(key)) for (const role of [...roles, '']) fill(role + key, entry)
  }
  return props
}

/** Keys without prefix that start with one of these apply to every worker, and override those of its cluster. */
const workerPrefixes = [
  'offset.storage',
  'config.storage',
  'status.storage',
  'key.converter',
  'value.converter',
  'header.converter',
  'task',
  'worker',
  'replication.policy',
] as const

/**
 * The Connect worker of a pair, on the target. `resolve` resolves provider references; keys with `config.providers` are added
 * after it, unresolved, as in MM2.
 */
export function workerProps(entries: Entries, pair: Pair, resolve: (props: Entries) => Entries): Map<string, Entry> {
  const props = clusterProps(entries, pair.target)
  for (const prefix of workerPrefixes) for (const [key, entry] of withPrefix(entries, prefix)) props.set(key, entry)
  const resolved = new Map(resolve(props))
  for (const [key, entry] of withPrefix(entries, 'config.providers')) resolved.set(key, entry)
  const inserted: Record<string, string> = {
    'client.id': flowName(pair),
    'group.id': `${pair.source}-mm2`,
    'offset.storage.topic': `mm2-offsets.${pair.source}.internal`,
    'status.storage.topic': `mm2-status.${pair.source}.internal`,
    'config.storage.topic': `mm2-configs.${pair.source}.internal`,
    'key.converter': byteArrayConverter,
    'value.converter': byteArrayConverter,
    'header.converter': byteArrayConverter,
  }
  insert(resolved, inserted)
  return resolved
}

function insert(props: Map<string, Entry>, inserted: Readonly<Record<string, string>>): void {
  for (const [key, text] of Object.entries(inserted)) {
    if (!props.has(key)) props.set(key, { key, written: text, text, line: 0 })
  }
}

/** The result of MM2's connectorBaseConfig for one connector of a pair, with unresolved references. */
export function connectorProps(entries: Entries, pair: Pair, connector: ConnectorName): Map<string, Entry> {
  const props = new Map([...entries].filter(([key]) => connectorKeys.has(key)))
  for (const prefix of ['config.providers', 'replication.policy']) {
    for (const [key, entry] of withPrefix(entries, prefix)) props.set(key, entry)
  }
  addCluster(props, 'source', clusterProps(entries, pair.source))
  addCluster(props, 'target', clusterProps(entries, pair.target))
  insert(props, {
    name: connector,
    'connector.class': `org.apache.kafka.connect.mirror.${connector}`,
    'source.cluster.alias': pair.source,
    'target.cluster.alias': pair.target,
  })
  for (const [key, entry] of below(entries, `${flowName(pair)}.`)) props.set(key, entry)
  insert(props, { enabled: 'false' })
  return props
}

/** Keys that start with consumer, producer or admin (as text, even without a dot) are added below the side itself. */
function addCluster(props: Map<string, Entry>, side: 'source' | 'target', cluster: Entries): void {
  for (const [key, entry] of cluster) {
    const isRole = /^(?:consumer|producer|admin)/.test(key) && !/[\n\r\u0085\u2028\u2029]/.test(key)
    props.set(isRole ? `${side}.${key}` : `${side}.cluster.${key}`, entry)
  }
}
