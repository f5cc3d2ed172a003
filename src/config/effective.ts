// The file by MM2's rules: its clusters, its pairs, and the maps MM2 makes their connectors and workers of.
import type { ConnectorName } from '../mirror/flow-status.ts'
import { splitList } from './define.ts'
import { providersOf, resolveEntries } from './dialects/entries.ts'
import type { Outside } from './dialects/providers.ts'
import type { Problems } from './problems.ts'
import { clusterPairs, connectorProps, type Entries, type Pair, workerProps } from './resolve.ts'
import { validateTop } from './validate.ts'

/** One pair that MM2 makes connectors for, with the maps it makes them of. */
export interface EffectivePair extends Pair {
  /** references as written; `connectorBaseConfig` of Kafka 4.2 */
  readonly connectors: Readonly<Record<ConnectorName, Entries>>
  /** references put in: what a connector of the pair sees, and what its worker sees */
  readonly connector: Entries
  readonly worker: Entries
}

/** The file by MM2's rules. */
export interface Effective {
  /** aliases in the order of the file */
  readonly clusters: readonly string[]
  readonly pairs: readonly EffectivePair[]
  /** the whole file, references put in as far as MM2's first reading does */
  readonly file: Entries
}

/** Reads the entries of a file as MM2 does; undefined, and problems, where it would end before it knows its pairs. */
export function readEffective(entries: Entries, outside: Outside, problems: Problems): Effective | undefined {
  const resolved = resolveEntries(entries, providersOf(entries, 'untrimmed', outside, problems), problems)
  if (!validateTop(resolved, problems) || problems.has('process')) return undefined
  const clusters = [...new Set(splitList(resolved.get('clusters')?.text ?? ''))]
  const pairs = clusterPairs(resolved, clusters).map((pair) => effectivePair(entries, pair, outside, problems))
  return { clusters, pairs, file: resolved }
}

function effectivePair(entries: Entries, pair: Pair, outside: Outside, problems: Problems): EffectivePair {
  const providers = providersOf(entries, 'trimmed', outside, problems)
  const resolve = (props: Entries) => resolveEntries(props, providers, problems)
  const again = (props: Entries) => resolveEntries(props, providersOf(props, 'untrimmed', outside, problems), problems)
  const connectors = {
    MirrorSourceConnector: connectorProps(entries, pair, 'MirrorSourceConnector'),
    MirrorHeartbeatConnector: connectorProps(entries, pair, 'MirrorHeartbeatConnector'),
    MirrorCheckpointConnector: connectorProps(entries, pair, 'MirrorCheckpointConnector'),
  }
  return {
    ...pair,
    connectors,
    connector: again(resolve(connectors.MirrorSourceConnector)),
    worker: again(workerProps(entries, pair, resolve)),
  }
}
