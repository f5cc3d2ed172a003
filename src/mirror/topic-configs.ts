// Which topic configs are copied from source to target, at creation and at each later sync (MirrorSourceConnector.targetConfig).
import type { FlowSettings } from '../model/flow-settings.ts'
import { matchesAny } from './topic-selection.ts'

/** Source of a config value as in DescribeConfigs; unknown numbers are `other`. */
export type ConfigSource = 'topic' | 'dynamic-broker' | 'dynamic-default-broker' | 'static-broker' | 'default' | 'other'

/** One config of a topic as the source cluster describes it. */
export interface MirrorConfigEntry {
  readonly name: string
  /** null where the broker does not return it (sensitive) or has none */
  readonly value: string | null
  readonly source: ConfigSource
  /** whether it is the broker's built-in default; a value of dynamic broker configs is not */
  readonly isDefault: boolean
  readonly readOnly: boolean
  readonly sensitive: boolean
}

/** One change for IncrementalAlterConfigs (KIP-339); `delete` returns to the target's default. */
export type ConfigChange =
  | { readonly op: 'set'; readonly name: string; readonly value: string }
  | { readonly op: 'delete'; readonly name: string }

type CopySettings = Pick<FlowSettings['configProperties'], 'exclude' | 'defaultsFromSource'>

/**
 * The configs to create a target topic with: those set on the source, and the source's defaults with `defaultsFromSource`.
 * Values from the source broker's static file are never copied; those of its dynamic configs become topic configs.
 */
export function targetConfigs(entries: readonly MirrorConfigEntry[], settings: CopySettings): Record<string, string> {
  const configs: Record<string, string> = {}
  for (const entry of entries) {
    if (!isCopied(entry, settings) || entry.value === null) continue
    if (entry.isDefault && !settings.defaultsFromSource) continue
    configs[entry.name] = entry.value
  }
  return configs
}

/** The changes that make a target topic match the source, regardless of its current configs: what MM2 sends every time. */
export function targetConfigChanges(entries: readonly MirrorConfigEntry[], settings: CopySettings): ConfigChange[] {
  const changes: ConfigChange[] = []
  for (const entry of entries) {
    if (!isCopied(entry, settings)) continue
    if (entry.isDefault && !settings.defaultsFromSource) changes.push({ op: 'delete', name: entry.name })
    else if (entry.value !== null) changes.push({ op: 'set', name: entry.name, value: entry.value })
  }
  return changes
}

/**
 * The changes that have an effect: not those that set the value the target topic already has, or delete what is not set on it. A config
 * that the target does not know cannot be deleted there, but setting it is tried.
 */
export function missingChanges(changes: readonly ConfigChange[], target: readonly MirrorConfigEntry[]): ConfigChange[] {
  const there = new Map(target.map((entry) => [entry.name, entry]))
  return changes.filter((change) => {
    const entry = there.get(change.name)
    const isSet = entry?.source === 'topic'
    return change.op === 'delete' ? isSet : !isSet || entry.value !== change.value
  })
}

/**
 * All configs of a target topic for AlterConfigs, which replaces them: those set on it now, with the changes. Undefined where a config is
 * set whose value the target does not return, since it would be lost.
 */
export function configsAfter(
  changes: readonly ConfigChange[],
  target: readonly MirrorConfigEntry[],
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

/** Whether the broker reports config sources. Before Kafka 1.1 it does not, and set values cannot be distinguished from defaults. */
export function hasOrigins(entries: readonly MirrorConfigEntry[]): boolean {
  return entries.some((entry) => entry.source !== 'other')
}

function isCopied(entry: MirrorConfigEntry, settings: CopySettings): boolean {
  if (entry.readOnly || entry.sensitive || entry.source === 'static-broker') return false
  return !matchesAny(settings.exclude, entry.name)
}
