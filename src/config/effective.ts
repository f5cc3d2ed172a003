// The file by MM2's rules: its clusters, its pairs, and the configuration maps of their connectors and workers.
import { mirrorSourceConnector } from '../mirror/connect-offset.ts'
import { type ConnectorName, connectorNames } from '../model/flow-status.ts'
import { providersOf, resolveEntries } from './dialects/entries.ts'
import type { Outside } from './dialects/providers.ts'
import { splitList } from './parse.ts'
import type { Problems } from './problems.ts'
import { clusterPairs, connectorProps, type Entries, type Pair, workerProps } from './resolve.ts'
import { validateTop } from './review/validate.ts'

/** Maps by connector. A connector that is not created has none. */
type ConnectorMaps = Readonly<Partial<Record<ConnectorName, Entries>>>

/** One pair that MM2 creates connectors for, with their maps. */
export interface EffectivePair extends Pair {
  /** references as written; `connectorBaseConfig` of Kafka 4.3, or what the operator passes to Connect */
  readonly connectors: ConnectorMaps
  /** the same with references resolved, as Connect validates it */
  readonly checked: ConnectorMaps
  /** references resolved: what the flow of the pair reads, and what its worker reads */
  readonly connector: Entries
  readonly worker: Entries
  /** the name of the source connector in Connect, part of every stored offset */
  readonly connectorName: string
}

/** The file by MM2's rules. */
export interface Effective {
  /** an mm2.properties, or KafkaMirrorMaker2 resources */
  readonly dialect: 'properties' | 'resource'
  /** aliases in the order of the file */
  readonly clusters: readonly string[]
  readonly pairs: readonly EffectivePair[]
  /** the whole file, with references resolved as in MM2's first reading */
  readonly file: Entries
}

/** Reads the entries of a file as MM2 does; undefined, and problems, if MM2 would end before it knows its pairs. */
export function readEffective(entries: Entries, outside: Outside, problems: Problems): Effective | undefined {
  const resolved = resolveEntries(entries, providersOf(entries, 'untrimmed', outside, problems), problems)
  if (!validateTop(resolved, problems) || problems.has('process')) return undefined
  const clusters = [...new Set(splitList(resolved.get('clusters')?.text ?? ''))]
  const pairs = clusterPairs(resolved, clusters).map((pair) => effectivePair(entries, pair, outside, problems))
  return { dialect: 'properties', clusters, pairs, file: resolved }
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
  const connector = again(resolve(connectors.MirrorSourceConnector))
  return {
    ...pair,
    connectorName: mirrorSourceConnector,
    connectors,
    checked: Object.fromEntries(connectorNames.map((name) => [name, named(connector, connectors[name])])),
    connector,
    worker: again(workerProps(entries, pair, resolve)),
  }
}

/** The three connectors of a pair differ only in name and class. */
function named(connector: Entries, own: Entries): Entries {
  return new Map([...connector].map(([key, entry]) => [key, entry.line === 0 ? (own.get(key) ?? entry) : entry]))
}
