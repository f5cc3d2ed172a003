// Converts MirrorMaker 2 connectors of a Connect cluster into one mm2.properties.
import { Failure } from '../base/failure.ts'
import { connectorNames } from '../model/flow-status.ts'
import type { FileSection, FileSetting } from './sections.ts'

type Config = Readonly<Record<string, string>>

export interface ConnectorConfig {
  readonly name: string
  readonly config: Config
}

/** Keys for Connect itself, which an mm2.properties does not contain. */
const ofConnect = new Set(['name', 'connector.class', 'source.cluster.alias', 'target.cluster.alias'])

/** Notes on positions: Connect stores them under connector names that an mm2.properties does not have. */
const resumeNotes = {
  resource:
    'To continue where these connectors stopped, stop them and start godwit with the KafkaMirrorMaker2 they come from: Connect stores their positions under other names than a MirrorMaker 2 with an mm2.properties.',
  nowhere:
    'The positions of these connectors are not taken over: Connect stores them under other names than a MirrorMaker 2 with an mm2.properties. If they have already copied records, begin with empty target topics, or set godwit.start to where copying begins.',
}

/**
 * Sections for all flows of these connectors; connectors of other classes are left out. If the connectors of a flow differ in a key,
 * the value of the source connector is used and the other one is noted, because they share the key in an mm2.properties.
 * @param from where they were read, for messages @param resume which note on stored positions to add
 * @throws Failure CONFIG_INVALID when none of them is a connector of MirrorMaker 2
 */
export function sectionsOfConnectors(
  connectors: readonly ConnectorConfig[],
  from: string,
  resume: keyof typeof resumeNotes = 'resource',
): FileSection[] {
  const ours = connectors.filter(({ config }) => kindOf(config) !== undefined)
  if (ours.length === 0) {
    const remedy = 'give the Connect cluster that runs MirrorSourceConnector'
    throw new Failure('CONFIG_INVALID', 'it contains no connector of MirrorMaker 2', { file: from, remedy })
  }
  const flows = [...Map.groupBy(ours, flowOf)]
  const aliases = [...new Set(ours.flatMap(({ config }) => [aliasOf(config, 'source'), aliasOf(config, 'target')]))]
  return [
    { title: 'Clusters', comment: [`From ${from}.`], settings: [{ key: 'clusters', value: aliases.join(', ') }] },
    ...aliases.map((alias) => clusterSection(alias, ours)),
    ...flows.map(([flow, own]) => flowSection(flow, own, resumeNotes[resume])),
  ]
}

/** Connect also accepts the simple name of a class, and that name without the suffix Connector. */
const kindOf = ({ 'connector.class': className = '' }: Config) =>
  connectorNames.find((name) => className.endsWith(name) || className === name.replace(/Connector$/, ''))
const aliasOf = (config: Config, side: 'source' | 'target') => config[`${side}.cluster.alias`] ?? side
const flowOf = ({ config }: ConnectorConfig) => `${aliasOf(config, 'source')}->${aliasOf(config, 'target')}`

function clusterSection(alias: string, connectors: readonly ConnectorConfig[]): FileSection {
  const merged = new Merged()
  for (const { name, config } of connectors) {
    for (const side of ['source', 'target'] as const) {
      if (aliasOf(config, side) !== alias) continue
      const prefix = `${side}.cluster.`
      for (const [key, value] of Object.entries(config)) {
        if (key.startsWith(prefix) && !ofConnect.has(key))
          merged.add(`${alias}.${key.slice(prefix.length)}`, value, name)
      }
    }
  }
  return { title: `The cluster ${alias}`, settings: merged.settings }
}

function flowSection(flow: string, connectors: readonly ConnectorConfig[], comment: string): FileSection {
  const kinds = new Set(connectors.map(({ config }) => kindOf(config)))
  const merged = new Merged()
  merged.add(`${flow}.enabled`, String(kinds.has('MirrorSourceConnector')), flow)
  if (!kinds.has('MirrorCheckpointConnector')) merged.add(`${flow}.emit.checkpoints.enabled`, 'false', flow)
  if (!kinds.has('MirrorHeartbeatConnector')) merged.add(`${flow}.emit.heartbeats.enabled`, 'false', flow)
  const order = (one: ConnectorConfig) => {
    const kind = kindOf(one.config)
    return kind ? connectorNames.indexOf(kind) : -1
  }
  for (const { name, config } of connectors.toSorted((a, b) => order(a) - order(b))) {
    for (const [key, value] of Object.entries(config)) {
      if (!ofConnect.has(key) && !/^(?:source|target)\.cluster\./.test(key)) merged.add(`${flow}.${key}`, value, name)
    }
  }
  return { title: `The flow ${flow}`, comment: [comment], settings: merged.settings }
}

/** Settings of several connectors; the first value of a key is used, a different one is noted. */
class Merged {
  readonly #settings = new Map<string, FileSetting>()

  add(key: string, value: string, by: string): void {
    const known = this.#settings.get(key)
    if (!known) this.#settings.set(key, { key, value })
    else if (known.value !== value) this.#settings.set(key, { ...known, comment: noted(known, value, by) })
  }

  get settings(): FileSetting[] {
    return [...this.#settings.values()]
  }
}

function noted({ key, comment }: FileSetting, value: string, by: string): string {
  const shown = /password|jaas|secret|key$/i.test(key) ? 'another value' : value
  return `${comment === undefined ? '' : `${comment} `}${by} has ${shown} here.`
}
