// Both layouts of a KafkaMirrorMaker2 as one: a target with its Connect group, and mirrors with their sources and connectors.
// What the operator (0.51 for the old layout, 1.2 for the new one) refuses is refused.

import { nearest } from '../../../base/nearest.ts'
import type { ConnectorName } from '../../../mirror/flow-status.ts'
import type { Problems } from '../../problems.ts'
import type { Entry } from '../../resolve.ts'
import type { YamlMap } from '../yaml.ts'
import { Place } from './place.ts'
import { checkShape, refuse } from './shape.ts'
import { newShape, oldShape } from './shapes.ts'

export interface Mirror {
  readonly place: Place
  readonly source: Place
  /** a connector without an object is not made */
  readonly connectors: Readonly<Partial<Record<ConnectorName, Place>>>
}

export interface Resource {
  readonly name: string
  readonly namespace: string
  readonly layout: 'old' | 'new'
  readonly spec: Place
  readonly target: Place
  /** group.id and the storage topics of the Connect cluster */
  readonly connect: ReadonlyMap<string, Entry>
  readonly mirrors: readonly Mirror[]
  /** in the order of the file */
  readonly aliases: readonly string[]
}

/** Keys of `connect`: the field of the new layout, and the default of the old one. */
export const connectKeys: Readonly<Record<string, readonly [field: string, fallback: string]>> = {
  'group.id': ['groupId', 'mirrormaker2-cluster'],
  'config.storage.topic': ['configStorageTopic', 'mirrormaker2-cluster-configs'],
  'offset.storage.topic': ['offsetStorageTopic', 'mirrormaker2-cluster-offsets'],
  'status.storage.topic': ['statusStorageTopic', 'mirrormaker2-cluster-status'],
}

/** What the operator puts in by itself. */
export const inserted = (key: string, text: string): Entry => ({
  key,
  written: text,
  text,
  line: 0,
  by: 'the operator',
})

export const aliasOf = (cluster: Place): string => cluster.text('alias') ?? ''

/** Reads one resource, with problems where Kubernetes or the operator would refuse it; undefined where too little of it is there. */
export function readResource(map: YamlMap, problems: Problems): Resource | undefined {
  const whole = new Place(map, '')
  const found = whole.place('spec')
  if (found === undefined) {
    refuse(problems, whole.lineOf('spec'), 'spec', ['is missing or no map', 'write the clusters and mirrors into spec'])
    return undefined
  }
  const spec = new Place(map.fields.get('spec')?.node as YamlMap, '', found.line)
  const layout = spec.has('target') || spec.places('mirrors').some((mirror) => mirror.has('source')) ? 'new' : 'old'
  checkShape(spec, layout === 'new' ? newShape : oldShape, problems)
  if (spec.places('mirrors').length === 0 && spec.has('mirrors'))
    refuse(problems, spec.lineOf('mirrors'), 'mirrors', ['is empty', 'add a mirror'])
  const metadata = whole.place('metadata')
  const names = { name: metadata?.text('name') ?? '', namespace: metadata?.text('namespace') ?? '' }
  const read = layout === 'new' ? newLayout(spec, problems) : oldLayout(spec, problems)
  return read && { ...names, layout, spec, ...read }
}

type Read = Pick<Resource, 'target' | 'connect' | 'mirrors' | 'aliases'>

function newLayout(spec: Place, problems: Problems): Read | undefined {
  const target = spec.place('target')
  if (target === undefined) return undefined
  const mirrors = spec.places('mirrors').flatMap((place) => {
    const source = place.place('source')
    return source ? [newMirror(place, source, ['MirrorSourceConnector', 'MirrorCheckpointConnector'])] : []
  })
  const clusters = [target, ...mirrors.map(({ source }) => source)]
  refuseTwice(clusters, problems)
  const connect = Object.entries(connectKeys).map(([key, [field, fallback]]): [string, Entry] => [
    key,
    target.entry(field) ?? inserted(key, fallback),
  ])
  return { target, connect: new Map(connect), mirrors, aliases: clusters.map(aliasOf) }
}

function oldLayout(spec: Place, problems: Problems): Read | undefined {
  const clusters = spec.places('clusters')
  const aliases = clusters.map(aliasOf)
  refuseTwice(clusters, problems)
  const find = (place: Place, field: string) => {
    const alias = place.text(field)
    if (alias === undefined) return undefined
    const cluster = clusters.find((candidate) => aliasOf(candidate) === alias)
    if (cluster === undefined) refuse(problems, place.lineOf(field), place.pathOf(field), unknownAlias(alias, aliases))
    return cluster
  }
  const target = find(spec, 'connectCluster')
  const mirrors = spec.places('mirrors').flatMap((place) => {
    const source = find(place, 'sourceCluster')
    if (find(place, 'targetCluster') && target) refuseOtherTarget(place, aliasOf(target), problems)
    return source
      ? [newMirror(place, source, ['MirrorSourceConnector', 'MirrorHeartbeatConnector', 'MirrorCheckpointConnector'])]
      : []
  })
  refuseSharedSource(mirrors, problems)
  const config = target?.entries('config')
  const connect = Object.entries(connectKeys).map(([key, [, fallback]]): [string, Entry] => [
    key,
    config?.get(key) ?? inserted(key, fallback),
  ])
  return target && { target, connect: new Map(connect), mirrors, aliases }
}

/** The field of a mirror for each connector. */
export const fieldOf: Readonly<Record<ConnectorName, string>> = {
  MirrorSourceConnector: 'sourceConnector',
  MirrorHeartbeatConnector: 'heartbeatConnector',
  MirrorCheckpointConnector: 'checkpointConnector',
}

function newMirror(place: Place, source: Place, names: readonly ConnectorName[]): Mirror {
  const connectors = names.flatMap((name) => {
    const connector = place.place(fieldOf[name])
    return connector ? [[name, connector] as const] : []
  })
  return { place, source, connectors: Object.fromEntries(connectors) }
}

function unknownAlias(alias: string, aliases: readonly string[]): [string, string] {
  const meant = nearest(alias, aliases)
  const known = `the aliases are ${aliases.join(', ')}`
  return [`names ${JSON.stringify(alias)}, which is not in clusters`, meant ? `did you mean ${meant}? ${known}` : known]
}

function refuseTwice(clusters: readonly Place[], problems: Problems): void {
  const seen = new Map<string, number>()
  for (const cluster of clusters) {
    const alias = aliasOf(cluster)
    const line = cluster.lineOf('alias')
    const earlier = alias === '' ? undefined : seen.get(alias)
    if (earlier !== undefined)
      refuse(problems, line, cluster.pathOf('alias'), [
        `is ${alias}, as on line ${earlier} already`,
        'give each cluster an alias of its own',
      ])
    else seen.set(alias, line)
  }
}

/** The Connect cluster lives on the target; the operator makes one per resource. */
function refuseOtherTarget(mirror: Place, target: string, problems: Problems): void {
  const line = (field: string) => [mirror.lineOf(field), mirror.pathOf(field)] as const
  const written = mirror.text('targetCluster')
  if (written !== target) {
    const reason = `is ${written}, but the Connect cluster is ${target}: the operator refuses that`
    refuse(problems, ...line('targetCluster'), [reason, `write ${target}, or a resource of its own for that target`])
  }
  if (mirror.text('sourceCluster') === target)
    refuse(problems, ...line('sourceCluster'), ['is the target itself', 'name another cluster'])
}

function refuseSharedSource(mirrors: readonly Mirror[], problems: Problems): void {
  const seen = new Set<string>()
  for (const { place, source } of mirrors) {
    const alias = aliasOf(source)
    if (seen.has(alias)) {
      const reason = `is ${alias}, which another mirror has already: the operator refuses that`
      refuse(problems, place.lineOf('sourceCluster'), place.pathOf('sourceCluster'), [
        reason,
        'make one mirror of them, with a pattern for both',
      ])
    }
    seen.add(alias)
  }
}
