// Which topic configs travel from source to target, at creation and at each later sync (MirrorSourceConnector.targetConfig).
import type { FlowSettings } from '../model/flow-settings.ts'
import { matchesAny } from './topic-selection.ts'

/** Where a broker says a config value comes from (DescribeConfigs); anything newer is `other`. */
export type ConfigSource = 'topic' | 'dynamic-broker' | 'dynamic-default-broker' | 'static-broker' | 'default' | 'other'

/** One config of a topic as the source cluster describes it. */
export interface ConfigEntry {
  readonly name: string
  /** null where the broker keeps it back (sensitive) or has none */
  readonly value: string | null
  readonly source: ConfigSource
  /** the broker's built-in default; a value of the dynamic broker configs is not one */
  readonly isDefault: boolean
  readonly readOnly: boolean
  readonly sensitive: boolean
}

/** One step of an incremental alteration (KIP-339); `delete` lets the target fall back to its own default. */
export type ConfigChange =
  | { readonly op: 'set'; readonly name: string; readonly value: string }
  | { readonly op: 'delete'; readonly name: string }

type CopySettings = Pick<FlowSettings['configProperties'], 'exclude' | 'defaultsFromSource'>

/**
 * The configs to create a target topic with: what was set on the source, and its defaults too if they are wanted.
 * A value from the source broker's static file never travels; one of its dynamic configs becomes a topic config.
 */
export function targetConfigs(entries: readonly ConfigEntry[], settings: CopySettings): Record<string, string> {
  const configs: Record<string, string> = {}
  for (const entry of entries) {
    if (!isCopied(entry, settings) || entry.value === null) continue
    if (entry.isDefault && !settings.defaultsFromSource) continue
    configs[entry.name] = entry.value
  }
  return configs
}

/** The alteration that makes the target follow the source, whatever the target has now: what MM2 sends every time. */
export function targetConfigChanges(entries: readonly ConfigEntry[], settings: CopySettings): ConfigChange[] {
  const changes: ConfigChange[] = []
  for (const entry of entries) {
    if (!isCopied(entry, settings)) continue
    if (entry.isDefault && !settings.defaultsFromSource) changes.push({ op: 'delete', name: entry.name })
    else if (entry.value !== null) changes.push({ op: 'set', name: entry.name, value: entry.value })
  }
  return changes
}

/**
 * Those of the changes that change something: a value that is set on the target already, and a removal of what it has only by
 * default, need no request. A config the target does not know cannot be removed there; it can still be tried to be set.
 */
export function missingChanges(changes: readonly ConfigChange[], target: readonly ConfigEntry[]): ConfigChange[] {
  const there = new Map(target.map((entry) => [entry.name, entry]))
  return changes.filter((change) => {
    const entry = there.get(change.name)
    const isSet = entry?.source === 'topic'
    return change.op === 'delete' ? isSet : !isSet || entry.value !== change.value
  })
}

/**
 * All that is to be set on a target topic for a request that replaces everything (AlterConfigs): what is set on it now, with
 * the changes. Undefined where something is set whose value the target keeps back, since that would be lost.
 */
export function configsAfter(
  changes: readonly ConfigChange[],
  target: readonly ConfigEntry[],
): Record<string, string> | undefined {
  const configs = new Map<string, string>()
  for (const { name, source, value } of target) {
    if (source !== 'topic' || changes.some((change) => change.name === name)) continue
    if (value === null) return undefined
    configs.set(name, value)
  }
  for (const change of changes) if (change.op === 'set') configs.set(change.name, change.value)
  return Object.fromEntries(configs)
}

/** Whether the broker said where values come from: before Kafka 1.1 it does not, and what was set cannot be told from a default. */
export function hasOrigins(entries: readonly ConfigEntry[]): boolean {
  return entries.some((entry) => entry.source !== 'other')
}

function isCopied(entry: ConfigEntry, settings: CopySettings): boolean {
  if (entry.readOnly || entry.sensitive || entry.source === 'static-broker') return false
  return !matchesAny(settings.exclude, entry.name)
}
