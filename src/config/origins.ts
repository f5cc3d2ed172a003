// The effective settings of one pair by who reads them, each with its value and its origin.
import { connectorClient, recordProducer } from './compile/cluster.ts'
import type { Setting } from './define.ts'
import type { EffectivePair } from './effective.ts'
import { type Entries, type Entry, flowName } from './resolve.ts'
import { maskValue } from './secrets.ts'
import { godwitSettings, processSettings } from './settings/godwit.ts'
import { connectorDefinitions, consumerDefinition, type Definition, producerDefinition } from './settings/known.ts'
import { workerSettings } from './settings/worker.ts'

/** What the worker alone is told; the rest of its definition is that of any client. */
const storageDefinition: Definition = new Map(workerSettings.map((setting) => [setting.key, setting]))

export interface Origin {
  readonly key: string
  readonly value: string
  /** `line 12, old.consumer.isolation.level`, `default`, `set by MM2` ... */
  readonly from: string
}

export interface Section {
  readonly title: string
  readonly settings: readonly Origin[]
}

/** Defaults that are godwit's own rather than Kafka's, or that MM2 sets by itself. */
const ownDefaults: Readonly<Record<string, readonly [value: string, from: string]>> = {
  'consumer fetch.max.bytes': ['8388608', 'default of godwit'],
  'consumer auto.offset.reset': ['earliest', 'set by MM2'],
  'consumer enable.auto.commit': ['false', 'set by MM2'],
  'producer max.request.size': ['4194304', 'default of godwit'],
  'worker offset.flush.interval.ms': ['5000', 'default of godwit'],
}

/** Sections: the flow, its reading, its writing, its worker, godwit's own keys and those of the process. Keys without effect are left out unless given. */
export function compileOrigins(pair: EffectivePair, file: Entries, withSecrets: boolean): Section[] {
  const { connector, worker } = pair
  const definition = new Map(Object.values(connectorDefinitions).flatMap((settings) => [...settings]))
  const rows = (role: string, entries: Entries, settings: Definition) =>
    [...settings.values()].flatMap((setting) => origin(role, setting, entries.get(setting.key), withSecrets) ?? [])
  const own = new Map(godwitSettings.map((setting) => [setting.key, setting]))
  const ofProcess = new Map(processSettings.map((setting) => [setting.key, setting]))
  return [
    { title: 'flow', settings: rows('flow', connector, withoutSecurity(definition)) },
    {
      title: `reading ${pair.source}`,
      settings: rows('consumer', connectorClient(connector, 'source', 'consumer'), consumerDefinition),
    },
    {
      title: `writing ${pair.target}`,
      settings: rows('producer', recordProducer(worker, connector), producerDefinition),
    },
    { title: 'worker', settings: rows('worker', worker, storageDefinition) },
    { title: 'godwit', settings: rows('godwit', ownEntries(pair, file), own) },
    { title: 'the process', settings: rows('process', file, ofProcess) },
  ]
}

/** Connection keys show where they count, with the clients. */
const withoutSecurity = (settings: Definition): Definition =>
  new Map([...settings].filter(([key]) => !/^(?:ssl|sasl|security)\./.test(key)))

/** godwit's own keys: at the flow, else at the target, else bare. */
function ownEntries(pair: EffectivePair, file: Entries): Entries {
  const found = new Map<string, Entry>()
  for (const { key } of godwitSettings) {
    const prefixes = [`${flowName(pair)}.`, `${pair.target}.`, '']
    const entry = prefixes.map((prefix) => file.get(prefix + key)).find(Boolean)
    if (entry) found.set(key, entry)
  }
  return found
}

function origin(role: string, setting: Setting, entry: Entry | undefined, withSecrets: boolean): Origin | undefined {
  const { key, fallback, standing } = setting
  if (entry !== undefined) {
    const value = withSecrets ? entry.written : maskValue(key, entry.written)
    return { key, value, from: entry.line === 0 ? `set by ${entry.by ?? 'MM2'}` : `line ${entry.line}, ${entry.key}` }
  }
  const own = ownDefaults[`${role} ${key}`]
  if (own !== undefined) return { key, value: own[0], from: own[1] }
  if (standing === 'no effect' || standing === 'refused' || fallback === null) return undefined
  if (standing === 'not yet' && (role === 'consumer' || role === 'producer')) return undefined
  return { key, value: fallback, from: setting.change === undefined ? 'default' : 'default of Kafka 4.3' }
}
