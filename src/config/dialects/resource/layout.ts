// Both layouts of a KafkaMirrorMaker2 as one: a target with its Connect group, and mirrors with their sources and connectors.
// What the operator (0.51 for the old layout, 1.2 for the new one) refuses is refused.

import { nearest } from '../../../base/nearest.ts'
import type { ConnectorName } from '../../../model/flow-status.ts'
import type { Problems } from '../../problems.ts'
import type { Entry } from '../../resolve.ts'
import type { YamlMap } from '../yaml.ts'
import { Place } from './place.ts'
import { checkShape, refuse } from './shape.ts'
import { mirrorShape, newShape, oldShape } from './shapes.ts'

export interface Mirror {
  readonly place: Place
  readonly source: Place
  /** how the mirror is written: with `source` (new), or with the name of a cluster in `clusters` (old) */
  readonly layout: Resource['layout']
  /** a connector without an object is not created */
  readonly connectors: Readonly<Partial<Record<ConnectorName, Place>>>
}

export interface Resource {
  readonly name: string
  readonly namespace: string
  /** how the target is written: `target` (new) or `connectCluster` (old); mirrors have their own layout */
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
export const connectKeys: Readonly<Record<string, { readonly field: string; readonly default: string }>> = {
  'group.id': { field: 'groupId', default: 'mirrormaker2-cluster' },
  'config.storage.topic': { field: 'configStorageTopic', default: 'mirrormaker2-cluster-configs' },
  'offset.storage.topic': { field: 'offsetStorageTopic', default: 'mirrormaker2-cluster-offsets' },
  'status.storage.topic': { field: 'statusStorageTopic', default: 'mirrormaker2-cluster-status' },
}

/** An entry that the operator inserts. */
export const inserted = (key: string, text: string): Entry => ({
  key,
  written: text,
  text,
  line: 0,
  by: 'the operator',
})

/** The alias of a cluster of the resource; empty if it has none. */
export const aliasOf = (cluster: Place): string => cluster.text('alias') ?? ''

/** Reads one resource. What Kubernetes or the operator would refuse is a problem; undefined if too much is missing. */
export function readResource(map: YamlMap, problems: Problems): Resource | undefined {
  const whole = new Place(map, '')
  const found = whole.place('spec')
  if (found === undefined) {
    refuse(problems, whole.lineOf('spec'), 'spec', ['is missing or no map', 'write the clusters and mirrors into spec'])
    return undefined
  }
  const spec = new Place(map.fields.get('spec')?.node as YamlMap, '', found.line)
  const mirrors = spec.places('mirrors')
  const hasSource = mirrors.some((mirror) => mirror.has('source'))
  const layout = spec.has('target') || (hasSource && !spec.has('connectCluster')) ? 'new' : 'old'
  const isMixed = mirrors.some((mirror) => layoutOf(mirror, layout) !== layout)
  checkShape(spec, layout === 'new' ? newShape(isMixed) : oldShape, problems)
  for (const mirror of mirrors) checkShape(mirror, mirrorShape(layoutOf(mirror, layout), layout), problems)
  if (mirrors.length === 0 && spec.has('mirrors'))
    refuse(problems, spec.lineOf('mirrors'), 'mirrors', ['is empty', 'add a mirror'])
  const metadata = whole.place('metadata')
  const names = { name: metadata?.text('name') ?? '', namespace: metadata?.text('namespace') ?? '' }
  const read = readClusters(spec, layout, problems)
  return read && { ...names, layout, spec, ...read }
}

/**
 * The layout of one mirror. The operator (0.49 to 0.51, for v1beta2) uses `source` if the mirror has it, else the cluster named
 * by `sourceCluster`, independently of the target and of other mirrors. A mirror with neither is read like the whole resource.
 */
function layoutOf(mirror: Place, whole: Resource['layout']): Resource['layout'] {
  if (mirror.has('source')) return 'new'
  return mirror.has('sourceCluster') ? 'old' : whole
}

type Read = Pick<Resource, 'target' | 'connect' | 'mirrors' | 'aliases'>

/** `target` overrides `connectCluster`. */
function readClusters(spec: Place, layout: Resource['layout'], problems: Problems): Read | undefined {
  const clusters = spec.places('clusters')
  const known = clusters.map(aliasOf)
  refuseDuplicateFlows(clusters, problems)
  const find = (place: Place, field: string) => {
    const alias = place.text(field)
    const cluster = clusters.find((candidate) => aliasOf(candidate) === alias)
    if (alias !== undefined && cluster === undefined)
      refuse(problems, place.lineOf(field), place.pathOf(field), unknownAlias(alias, known))
    return cluster
  }
  const target = layout === 'new' ? spec.place('target') : find(spec, 'connectCluster')
  const mirrors = spec.places('mirrors').flatMap((place) => {
    const style = layoutOf(place, layout)
    const source = style === 'new' ? place.place('source') : find(place, 'sourceCluster')
    if (target && style === 'old') refuseOtherTarget(place, aliasOf(target), problems)
    return source ? [newMirror(place, source, style)] : []
  })
  if (target === undefined) return undefined
  const inPlace = mirrors.flatMap((mirror) => (mirror.layout === 'new' ? [mirror.source] : []))
  refuseDuplicateFlows([target, ...inPlace], problems)
  refuseSharedSource(mirrors, problems)
  const used = [target, ...mirrors.map(({ source }) => source)].map(aliasOf)
  const aliases = [...new Set(layout === 'new' ? used : [...known, ...used])]
  return { target, connect: connectOf(target, layout), mirrors, aliases }
}

/** The Connect group and its topics: fields of the new layout, keys of the target's config in the old one. */
function connectOf(target: Place, layout: Resource['layout']): ReadonlyMap<string, Entry> {
  const config = target.entries('config')
  const entries = Object.entries(connectKeys).map(([key, { field, default: fallback }]): [string, Entry] => {
    const entry = layout === 'new' ? target.entry(field) : config.get(key)
    return [key, entry ?? inserted(key, fallback)]
  })
  return new Map(entries)
}

/** The field of a mirror for each connector. */
export const fieldOf: Readonly<Record<ConnectorName, string>> = {
  MirrorSourceConnector: 'sourceConnector',
  MirrorHeartbeatConnector: 'heartbeatConnector',
  MirrorCheckpointConnector: 'checkpointConnector',
}

/** The new layout has no heartbeat connector. */
const connectorsOf: Readonly<Record<Resource['layout'], readonly ConnectorName[]>> = {
  old: ['MirrorSourceConnector', 'MirrorHeartbeatConnector', 'MirrorCheckpointConnector'],
  new: ['MirrorSourceConnector', 'MirrorCheckpointConnector'],
}

function newMirror(place: Place, source: Place, layout: Resource['layout']): Mirror {
  const connectors = connectorsOf[layout].flatMap((name) => {
    const connector = place.place(fieldOf[name])
    return connector ? [[name, connector] as const] : []
  })
  return { place, source, layout, connectors: Object.fromEntries(connectors) }
}

function unknownAlias(alias: string, aliases: readonly string[]): [string, string] {
  const meant = nearest(alias, aliases)
  const known = `the aliases are ${aliases.join(', ')}`
  return [`names ${JSON.stringify(alias)}, which is not in clusters`, meant ? `did you mean ${meant}? ${known}` : known]
}

function refuseDuplicateFlows(clusters: readonly Place[], problems: Problems): void {
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

/** The Connect cluster is on the target; the operator creates one per resource. */
function refuseOtherTarget(mirror: Place, target: string, problems: Problems): void {
  const line = (field: string) => [mirror.lineOf(field), mirror.pathOf(field)] as const
  const written = mirror.text('targetCluster')
  if (written !== undefined && written !== target) {
    const reason = `is ${written}, but the Connect cluster is ${target}: the operator refuses that`
    refuse(problems, ...line('targetCluster'), [reason, `write ${target}, or a resource of its own for that target`])
  }
  if (mirror.text('sourceCluster') === target)
    refuse(problems, ...line('sourceCluster'), ['is the target itself', 'name another cluster'])
}

function refuseSharedSource(mirrors: readonly Mirror[], problems: Problems): void {
  const seen = new Map<string, Resource['layout']>()
  for (const { place, source, layout } of mirrors) {
    const alias = aliasOf(source)
    // Two mirrors with their own `source` were compared by alias before.
    const isCompared = layout === 'new' && seen.get(alias) === 'new'
    if (seen.has(alias) && !isCompared) {
      const reason = `is ${alias}, which another mirror has already: the operator refuses that`
      const field = layout === 'new' ? 'source' : 'sourceCluster'
      refuse(problems, place.lineOf(field), place.pathOf(field), [
        reason,
        'make one mirror of them, with a pattern for both',
      ])
    }
    seen.set(alias, layout)
  }
}
