// Which topic configs travel from source to target, at creation and at each later sync (MirrorSourceConnector.targetConfig).
import type { FlowSettings } from './flow-settings.ts'
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

type CopySettings = FlowSettings['configProperties']

/**
 * The configs to create a target topic with: what was set on the source, and its defaults too if they are wanted.
 * A value from the source broker's static file never travels; one of its dynamic configs becomes a topic config.
 */
export function targetConfigs(entries: readonly ConfigEntry[], settings: CopySettings): Record<string, string> {
  const configs: Record<string, string> = {}
  for (const entry of entries) {
    if (!mayTravel(entry, settings) || entry.value === null) continue
    if (entry.isDefault && !settings.defaultsFromSource) continue
    configs[entry.name] = entry.value
  }
  return configs
}

/** The alteration that makes the target follow the source; each entry is sent every time, as MM2 does, without a look at the target. */
export function targetConfigChanges(entries: readonly ConfigEntry[], settings: CopySettings): ConfigChange[] {
  const changes: ConfigChange[] = []
  for (const entry of entries) {
    if (!mayTravel(entry, settings)) continue
    if (entry.isDefault && !settings.defaultsFromSource) changes.push({ op: 'delete', name: entry.name })
    else if (entry.value !== null) changes.push({ op: 'set', name: entry.name, value: entry.value })
  }
  return changes
}

function mayTravel(entry: ConfigEntry, settings: CopySettings): boolean {
  if (entry.readOnly || entry.sensitive || entry.source === 'static-broker') return false
  return !matchesAny(settings.exclude, entry.name)
}
