// One mirror as a pair of clusters with the maps of its connectors: what the flow reads, and what the operator passes to Connect.

import { type ConnectorName, connectorNames } from '../../../model/flow-status.ts'
import { connectorDefinitions } from '../../definitions.ts'
import type { EffectivePair } from '../../effective.ts'
import type { Entries, Entry } from '../../resolve.ts'
import { connectorMap, type MirrorInput, pairOf, registeredName, withoutMissing, workerMap } from './connectors.ts'
import { inserted, type Resource } from './layout.ts'
import type { Place } from './place.ts'

/** The pair of a mirror. With a missing or stopped source connector the pair does not copy. */
export function mirrorPair(input: MirrorInput): EffectivePair {
  const pair = pairOf(input)
  const made = connectorNames.filter((name) => input.mirror.connectors[name] !== undefined)
  const maps = made.map((name) => [name, connectorMap(input, name)] as const)
  const connectors: Partial<Record<ConnectorName, Entries>> = Object.fromEntries(maps)
  const checked = Object.fromEntries(maps.map(([name, map]) => [name, withoutMissing(map)]))
  return {
    ...pair,
    connectorName: registeredName(pair, 'MirrorSourceConnector'),
    connectors,
    checked,
    connector: periodicTasks(input, checked),
    worker: withoutMissing(workerMap(input)),
  }
}

/**
 * The entries that a flow is compiled from. Connectors inherit nothing from each other, and each has its own periodic tasks: keys
 * that only the checkpoint or the heartbeat connector defines come from there, all others from the source connector.
 */
function periodicTasks(
  input: MirrorInput,
  checked: Readonly<Partial<Record<ConnectorName, Entries>>>,
): ReadonlyMap<string, Entry> {
  const source = checked.MirrorSourceConnector ?? withoutMissing(connectorMap(input, 'MirrorSourceConnector'))
  const map = new Map(source)
  for (const name of ['MirrorHeartbeatConnector', 'MirrorCheckpointConnector'] as const) {
    for (const key of ownKeys[name]) map.delete(key)
    for (const [key, entry] of checked[name] ?? []) if (ownKeys[name].has(key)) map.set(key, entry)
  }
  for (const name of connectorNames) {
    const stop = stoppedBy(input.mirror.connectors[name], input.mirror.layout)
    for (const key of stop ? switches[name] : []) map.set(key, { ...inserted(key, 'false'), ...stop })
  }
  keepDotsInside(map)
  return map
}

/**
 * The field that stops a connector; its entry for an enabling key then comes from there. `state` overrides `pause`, which only
 * the old layout has.
 */
export function stoppedBy(
  connector: Place | undefined,
  layout: Resource['layout'],
): Partial<Pick<Entry, 'key' | 'line'>> | undefined {
  if (connector === undefined) return {}
  const state = connector.text('state')
  const field = state === undefined ? 'pause' : 'state'
  const isPaused = layout === 'old' && connector.text('pause') === 'true'
  const isStopped = state === undefined ? isPaused : state !== 'running'
  return isStopped ? { key: connector.pathOf(field), line: connector.lineOf(field) } : undefined
}

/**
 * With an empty separator, Kafka since 3.1 omits the dots in the names of MM2's own topics too, which is rarely intended. They
 * are kept, unless the resource sets Kafka's own key for it.
 */
function keepDotsInside(map: Map<string, Entry>): void {
  const separator = map.get('replication.policy.separator')
  if (separator?.text !== '' || map.has(internalSeparator)) return
  map.set(internalSeparator, { ...separator, written: 'false', text: 'false' })
}

export const internalSeparator = 'replication.policy.internal.topic.separator.enabled'

/** Keys that only one kind of connector defines. */
const ownKeys: Readonly<Record<'MirrorHeartbeatConnector' | 'MirrorCheckpointConnector', ReadonlySet<string>>> = {
  MirrorHeartbeatConnector: keysOnlyOf('MirrorHeartbeatConnector'),
  MirrorCheckpointConnector: keysOnlyOf('MirrorCheckpointConnector'),
}

function keysOnlyOf(connector: ConnectorName): ReadonlySet<string> {
  const others = connectorNames.filter((name) => name !== connector)
  const isOnly = (key: string) =>
    others.every((name) => !(connectorDefinitions[name] as ReadonlyMap<string, unknown>).has(key))
  return new Set([...connectorDefinitions[connector].keys()].filter(isOnly))
}

/** The keys that disable a connector's work. */
const switches: Readonly<Record<ConnectorName, readonly string[]>> = {
  MirrorSourceConnector: ['enabled'],
  MirrorHeartbeatConnector: ['emit.heartbeats.enabled'],
  MirrorCheckpointConnector: ['emit.checkpoints.enabled', 'sync.group.offsets.enabled'],
}
