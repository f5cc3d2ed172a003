// What `config show` prints: the pairs and connector maps as MM2 has them, and every effective setting with its origin. Secrets are masked.
import type { ConnectorName } from '../model/flow-status.ts'
import { Reader } from './compile/reader.ts'
import type { Effective, EffectivePair } from './effective.ts'
import { type Entries, flowName } from './resolve.ts'
import { maskValue } from './secrets.ts'
import { connectorDefinitions } from './settings/known.ts'

type Properties = Readonly<Record<string, string>>

export interface ShownPair {
  readonly source: string
  readonly target: string
  /** a connector that is not made is left out */
  readonly MirrorSourceConnector?: Properties
  readonly MirrorCheckpointConnector?: Properties
  readonly MirrorHeartbeatConnector?: Properties
}

function propertiesOf(entries: Entries, withSecrets: boolean): Properties {
  const sorted = [...entries].toSorted(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(sorted.map(([key, { written }]) => [key, withSecrets ? written : maskValue(key, written)]))
}

/** The maps of every pair, values as written. `withSecrets` leaves passwords readable. */
export function shownPairs(
  effective: Effective,
  withSecrets: boolean,
): { readonly clusters: readonly string[]; readonly clusterPairs: readonly ShownPair[] } {
  const clusterPairs = effective.pairs.map(({ source, target, connectors }: EffectivePair) => {
    const shown = order.flatMap((name) =>
      connectors[name] ? [[name, propertiesOf(connectors[name], withSecrets)]] : [],
    )
    return { source, target, ...(Object.fromEntries(shown) as Partial<ShownPair>) }
  })
  return { clusters: effective.clusters, clusterPairs }
}

/** What a flow's connector is configured with, secrets masked; undefined where there is no such connector. */
export function shownConfig({ pairs }: Effective, flow: string, connector: ConnectorName): Properties | undefined {
  const entries = pairs.find((pair) => flowName(pair) === flow)?.connectors[connector]
  return entries && propertiesOf(entries, false)
}

const order = ['MirrorSourceConnector', 'MirrorCheckpointConnector', 'MirrorHeartbeatConnector'] as const

/** Patterns of a list of the flow's source connector, e.g. `topics.exclude`; none for a flow that the file does not make. */
export function listOfFlow({ pairs }: Effective, flow: string, key: string): readonly string[] {
  const pair = pairs.find((one) => flowName(one) === flow)
  return pair ? new Reader(pair.connector, connectorDefinitions.MirrorSourceConnector).list(key) : []
}
