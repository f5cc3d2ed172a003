// What `config show` prints: the pairs and connector maps as MM2 has them, and every effective setting with its origin. Secrets are masked.
import type { Effective, EffectivePair } from './effective.ts'
import type { Entries } from './resolve.ts'
import { maskValue } from './secrets.ts'

type Properties = Readonly<Record<string, string>>

export interface ShownPair {
  readonly source: string
  readonly target: string
  /** a connector that is not made is left out */
  readonly MirrorSourceConnector?: Properties
  readonly MirrorCheckpointConnector?: Properties
  readonly MirrorHeartbeatConnector?: Properties
}

/** The maps of every pair, values as written. `withSecrets` leaves passwords readable. */
export function shownPairs(
  effective: Effective,
  withSecrets: boolean,
): { readonly clusters: readonly string[]; readonly clusterPairs: readonly ShownPair[] } {
  const properties = (entries: Entries): Properties =>
    Object.fromEntries(
      [...entries]
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, { written }]) => [key, withSecrets ? written : maskValue(key, written)]),
    )
  const clusterPairs = effective.pairs.map(({ source, target, connectors }: EffectivePair) => {
    const shown = order.flatMap((name) => (connectors[name] ? [[name, properties(connectors[name])]] : []))
    return { source, target, ...(Object.fromEntries(shown) as Partial<ShownPair>) }
  })
  return { clusters: effective.clusters, clusterPairs }
}

const order = ['MirrorSourceConnector', 'MirrorCheckpointConnector', 'MirrorHeartbeatConnector'] as const
