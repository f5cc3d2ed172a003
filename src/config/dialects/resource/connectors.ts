// The maps that the operator derives from a mirror: one per connector, and the Connect worker. Later layers win.

import type { ConnectorName } from '../../../model/flow-status.ts'
import type { Problems } from '../../problems.ts'
import { type Entries, type Entry, flowName, type Pair } from '../../resolve.ts'
import { byteArrayConverter } from '../../settings/connector.ts'
import { aliasOf, connectKeys, inserted, type Mirror, type Resource } from './layout.ts'
import type { Place } from './place.ts'

/** A cluster of the resource, read once: its connection keys, and its `config` with references resolved. */
export interface ReadCluster {
  readonly place: Place
  readonly connection: Entries
  readonly config: Entries
}

/** The input for compiling the connectors of one mirror. */
export interface MirrorInput {
  readonly resource: Resource
  readonly mirror: Mirror
  readonly source: ReadCluster
  readonly target: ReadCluster
  /** `config` of each connector that is created, with references resolved */
  readonly configs: Readonly<Partial<Record<ConnectorName, Entries>>>
  /** consumer.client.rack, if the resource requests it and it is known */
  readonly rack: Entry | undefined
}

/** The pair of clusters of a mirror, by their aliases. */
export const pairOf = ({ mirror, resource }: Pick<MirrorInput, 'mirror' | 'resource'>): Pair => ({
  source: aliasOf(mirror.source),
  target: aliasOf(resource.target),
})

/** The name of a connector in Connect, under which its offsets are stored. */
export const registeredName = (pair: Pair, connector: ConnectorName): string => `${flowName(pair)}.${connector}`

/** The complete configuration of one connector; for one that is not created, as its clusters would configure it. */
export function connectorMap(input: MirrorInput, connector: ConnectorName): Map<string, Entry> {
  const { mirror, source, target, rack, resource } = input
  const map = new Map<string, Entry>()
  addCluster(map, 'target.cluster.', target, resource.layout)
  addCluster(map, 'source.cluster.', source, 'new')
  for (const [key, entry] of input.configs[connector] ?? []) if (!isOverruled(key)) map.set(key, entry)
  for (const [key, entry] of patternKeys(mirror)) map.set(key, entry)
  if (rack) map.set('consumer.client.rack', rack)
  const tasks = mirror.connectors[connector]?.entry('tasksMax')
  if (tasks) map.set('tasks.max', tasks)
  map.set('name', inserted('name', registeredName(pairOf(input), connector)))
  map.set('connector.class', inserted('connector.class', `org.apache.kafka.connect.mirror.${connector}`))
  return map
}

/** Keys of a connector's config that the operator sets itself, in any letter case. */
export const isOverruled = (key: string): boolean =>
  /^(?:name|connector\.class|tasks\.max|connector\.plugin\.version)$/i.test(key)

/** In a connector the cluster's own `config` overrides what the operator derives (not in the worker). */
function addCluster(map: Map<string, Entry>, prefix: string, cluster: ReadCluster, layout: Resource['layout']): void {
  const alias = cluster.place.entry('alias')
  if (alias) map.set(`${prefix}alias`, alias)
  for (const [key, entry] of cluster.connection) map.set(prefix + key, entry)
  for (const [key, entry] of cluster.config) {
    // Since 0.49 the old layout is converted to the new one, where these are fields.
    if (layout === 'new' || !Object.hasOwn(connectKeys, key)) map.set(prefix + key, entry)
  }
}

/** The fields of a mirror for lists of patterns; `former` is the field's deprecated name. */
const patternFields: readonly { readonly key: string; readonly field: string; readonly former?: string }[] = [
  { key: 'topics', field: 'topicsPattern' },
  { key: 'topics.exclude', field: 'topicsExcludePattern', former: 'topicsBlacklistPattern' },
  { key: 'groups', field: 'groupsPattern' },
  { key: 'groups.exclude', field: 'groupsExcludePattern', former: 'groupsBlacklistPattern' },
]

/** The field that overrides a key of a connector's config, if the mirror has it. */
export const patternFieldOf = (key: string, { mirror }: Pick<MirrorInput, 'mirror'>) =>
  new Map(patternKeys(mirror)).get(key)

/** Patterns apply to every connector and override its config. */
function patternKeys({ place, layout }: Mirror): [string, Entry][] {
  return patternFields.flatMap(({ key, field, former }): [string, Entry][] => {
    const old = former !== undefined && layout === 'old' ? place.entry(former) : undefined
    const entry = place.entry(field) ?? old
    return entry ? [[key, entry]] : []
  })
}

const forbidden = [
  ...['ssl.', 'sasl.', 'security.', 'listeners', 'plugin.path', 'rest.', 'bootstrap.servers'],
  ...['consumer.interceptor.classes', 'producer.interceptor.classes'],
]
const permitted: ReadonlySet<string> = new Set([
  ...['ssl.endpoint.identification.algorithm', 'ssl.cipher.suites', 'ssl.protocol', 'ssl.enabled.protocols'],
])

/**
 * Whether the operator removes a key of a cluster's config from the worker: prefixes in any letter case, exceptions only as
 * written.
 */
export function isForbidden(key: string, layout: Resource['layout']): boolean {
  const lower = key.toLowerCase()
  const prefixes = layout === 'new' ? [...forbidden, ...Object.keys(connectKeys)] : forbidden
  return !permitted.has(key) && prefixes.some((prefix) => lower.startsWith(prefix))
}

/** The worker of the Connect cluster on the target. */
export function workerMap({ resource, target }: Pick<MirrorInput, 'resource' | 'target'>): Map<string, Entry> {
  const worker = new Map(
    ['key.converter', 'value.converter', 'header.converter'].map((key) => [key, inserted(key, byteArrayConverter)]),
  )
  for (const [key, entry] of target.config) if (!isForbidden(key, resource.layout)) worker.set(key, entry)
  for (const [key, entry] of resource.connect) worker.set(key, entry)
  for (const [key, entry] of target.connection) {
    const roles = key === 'bootstrap.servers' ? [''] : ['', 'producer.', 'consumer.', 'admin.']
    for (const role of roles) worker.set(role + key, entry)
  }
  return worker
}

/** Without the entries whose Secret cannot be read, which was reported as a problem. */
export const withoutMissing = (entries: Entries): Map<string, Entry> =>
  new Map([...entries].filter(([, { text, written }]) => text !== '' || written === ''))

/** The rack of this process as requested by the resource; a warning if it is unknown. */
export function rackEntry(
  spec: Place,
  environment: (name: string) => string | undefined,
  problems: Problems,
): Entry | undefined {
  const rack = spec.place('rack')
  if (rack === undefined) return undefined
  const variable = rack.text('type') === 'environment-variable' ? (rack.text('envVarName') ?? '') : rackVariable
  const text = variable === '' ? undefined : environment(variable)
  const place = { key: rack.path, line: rack.line }
  if (text !== undefined && text !== '') return { ...place, written: `\${strimzienv:${variable}}`, text }
  const reason = 'asks for the rack of the node, which is not known outside of Kubernetes'
  const remedy = `set the environment variable ${variable || rackVariable} to the rack of the machine`
  problems.add('warning', reason, `${remedy}, or remove rack`, place)
  return undefined
}

/** Contains the rack if the resource takes it from a label of the Kubernetes node. */
const rackVariable = 'GODWIT_CLIENT_RACK'
