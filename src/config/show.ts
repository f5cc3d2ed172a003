// The output of `config show`: the pairs and connector maps as in MM2, and every effective setting with its origin. Secrets are
// masked.
import type { ConnectorName } from '../model/flow-status.ts'
import { connectorClient, recordProducer } from './compile/cluster.ts'
import { godwitEntries } from './compile/godwit.ts'
import { Reader } from './compile/reader.ts'
import {
  anyConnectorDefinition,
  connectorDefinitions,
  consumerDefinition,
  godwitDefinition,
  processDefinition,
  producerDefinition,
  workerOnlyDefinition,
} from './definitions.ts'
import type { Effective, EffectivePair } from './effective.ts'
import type { DisabledFlow } from './model.ts'
import type { ConfigProblem } from './problems.ts'
import { type Entries, type Entry, flowName } from './resolve.ts'
import { maskValue } from './secrets.ts'
import type { Definition, Effect, NameOf, RowOf, Setting } from './setting.ts'

type Properties = Readonly<Record<string, string>>

export interface ShownPair {
  readonly source: string
  readonly target: string
  /** a connector that is not created is left out */
  readonly MirrorSourceConnector?: Properties
  readonly MirrorCheckpointConnector?: Properties
  readonly MirrorHeartbeatConnector?: Properties
}

function propertiesOf(entries: Entries, withSecrets: boolean): Properties {
  const sorted = [...entries].toSorted(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(sorted.map(([key, { written }]) => [key, withSecrets ? written : maskValue(key, written)]))
}

/** The maps of every pair, with values as written. `withSecrets` does not mask passwords. */
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

/** The configuration of a flow's connector, with masked secrets; undefined if there is no such connector. */
export function shownConfig({ pairs }: Effective, flow: string, connector: ConnectorName): Properties | undefined {
  const entries = pairs.find((pair) => flowName(pair) === flow)?.connectors[connector]
  return entries && propertiesOf(entries, false)
}

const order = ['MirrorSourceConnector', 'MirrorCheckpointConnector', 'MirrorHeartbeatConnector'] as const

type ListName = NameOf<RowOf<(typeof connectorDefinitions)['MirrorSourceConnector']>, 'list'>

/**
 * The patterns of a list of the flow's source connector, e.g. `topics.exclude`; empty for a flow that the file does not have.
 * @throws TypeError for a name that is not one of its settings
 */
export function listOfFlow({ pairs }: Effective, flow: string, name: string): readonly string[] {
  const pair = pairs.find((one) => flowName(one) === flow)
  return pair ? new Reader(pair.connector, connectorDefinitions.MirrorSourceConnector).list(name as ListName) : []
}

/** Every effective setting as text, a page per pair; `disabled` flows are marked. `withSecrets` does not mask passwords. */
export function describeSettings(
  effective: Effective,
  withSecrets: boolean,
  disabled: readonly DisabledFlow[] = [],
): string {
  const off = new Map(disabled.map(({ name, problems }) => [name, problems]))
  const pages = effective.pairs.map((pair) => {
    const sections = sectionsOf(pair, effective.file).map(
      (section) => `  ${section.title}\n${tableText(originsOf(section, withSecrets))}`,
    )
    return `${flowName(pair)}${disabledText(off.get(flowName(pair)))}\n${sections.join('\n')}`
  })
  return [`clusters: ${effective.clusters.join(', ')}`, ...pages].join('\n\n')
}

function disabledText(errors: readonly ConfigProblem[] | undefined): string {
  if (errors === undefined) return ''
  const places = errors.map(({ line, key }) => [key, line && `line ${line}`].filter(Boolean).join(', '))
  return `  (not run, has errors: ${places.join('; ')})`
}

/** A part of the page: a map of entries, and the settings to look up in it. */
interface Section {
  readonly title: string
  readonly entries: Entries
  readonly definition: Definition
  /** settings with these effects are left out if the file does not set them */
  readonly hidden: readonly Effect[]
}

const idle: readonly Effect[] = ['no effect', 'refused']
const unsupported: readonly Effect[] = [...idle, 'not yet']

/** The flow, its consumer, its producer, its worker, godwit's own keys and those of the process. */
function sectionsOf(pair: EffectivePair, file: Entries): Section[] {
  const { connector, worker } = pair
  const consumer = connectorClient(connector, 'source', 'consumer')
  const producer = recordProducer(worker, connector)
  return [
    { title: 'flow', entries: connector, definition: withoutSecurity(anyConnectorDefinition), hidden: idle },
    { title: `reading ${pair.source}`, entries: consumer, definition: consumerDefinition, hidden: unsupported },
    { title: `writing ${pair.target}`, entries: producer, definition: producerDefinition, hidden: unsupported },
    { title: 'worker', entries: worker, definition: workerOnlyDefinition, hidden: idle },
    { title: 'godwit', entries: godwitEntries(pair, file), definition: godwitDefinition, hidden: idle },
    { title: 'the process', entries: file, definition: processDefinition, hidden: idle },
  ]
}

/** Connection keys are shown with the clients that use them. */
const withoutSecurity = (settings: Definition): Definition =>
  new Map([...settings].filter(([name]) => !/^(?:ssl|sasl|security)\./.test(name)))

interface Origin {
  readonly name: string
  readonly value: string
  /** `line 12, old.consumer.isolation.level`, `default`, `set by MM2` ... */
  readonly from: string
}

function originsOf({ entries, definition, hidden }: Section, withSecrets: boolean): Origin[] {
  return [...definition.values()].flatMap((setting) => {
    const entry = entries.get(setting.name)
    if (entry !== undefined) return [givenOrigin(setting.name, entry, withSecrets)]
    return defaultOrigin(setting, hidden) ?? []
  })
}

function givenOrigin(name: string, { key, written, line, by }: Entry, withSecrets: boolean): Origin {
  const value = withSecrets ? written : maskValue(name, written)
  return { name, value, from: line === 0 ? `set by ${by ?? 'MM2'}` : `line ${line}, ${key}` }
}

function defaultOrigin(setting: Setting, hidden: readonly Effect[]): Origin | undefined {
  const { name, ownDefault, default: fallback, effect, change } = setting
  if (ownDefault !== undefined) {
    const from = ownDefault.setBy === 'MM2' ? 'set by MM2' : `default of ${ownDefault.setBy}`
    return { name, value: ownDefault.value, from }
  }
  if (hidden.includes(effect) || fallback === null) return undefined
  return { name, value: fallback, from: change === undefined ? 'default' : 'default of Kafka 4.3' }
}

function tableText(origins: readonly Origin[]): string {
  const width = Math.min(50, Math.max(...origins.map(({ name }) => name.length)))
  return origins.map(({ name, value, from }) => `    ${name.padEnd(width)} = ${value}  (${from})`).join('\n')
}
