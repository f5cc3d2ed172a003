// Names in a configuration: the replication policy, and the lists that choose topics, groups and config properties.
import { Failure } from '../../base/failure.ts'
import { compileJavaPatterns } from '../../java-pattern/java-pattern.ts'
import type { FlowSettings, NameFilter, PolicySettings, WrittenItem } from '../../model/flow-settings.ts'
import { javaTrim, parseSetting } from '../define.ts'
import { propertyLine } from '../properties-text.ts'
import { type Entries, type Entry, flowName, javaBoolean, type Pair } from '../resolve.ts'
import type { Complaints } from './complaints.ts'
import type { Reader } from './reader.ts'

/** The resolved maps a flow is made of. */
export interface FlowMaterial {
  readonly pair: Pair & { readonly connectorName: string }
  /** path of the file as the user gave it */
  readonly path: string
  /** the whole file, for the flow's keys of older versions and godwit's own */
  readonly file: Entries
  readonly connector: Entries
  readonly worker: Entries
  readonly consumer: Entries
  readonly producer: Entries
}

const policies: Readonly<Record<string, PolicySettings['kind']>> = {
  'org.apache.kafka.connect.mirror.DefaultReplicationPolicy': 'default',
  'org.apache.kafka.connect.mirror.IdentityReplicationPolicy': 'identity',
  'io.strimzi.kafka.connect.mirror.IdentityReplicationPolicy': 'identity',
}

/**
 * What MM2's connectors call their clusters: names of topics and keys of offsets follow from it. It is the aliases of the pair
 * unless the file overrides them, bare (then for every flow), as `A.alias`, or at the flow. Kafka trims them.
 */
export function aliasesOf(connector: Entries, pair: Pair): { sourceAlias: string; targetAlias: string } {
  const of = (side: 'source' | 'target') => javaTrim(connector.get(`${side}.cluster.alias`)?.text ?? pair[side])
  return { sourceAlias: of('source'), targetAlias: of('target') }
}

/** Policies read their keys raw: a blank behind the separator belongs to it, and `true ` is not true. */
export function compilePolicy(source: Reader, complaints: Complaints): PolicySettings {
  const className = source.text('replication.policy.class')
  const kind = policies[className]
  if (kind === undefined) {
    complaints.error(
      'replication.policy.class',
      `is ${className}, which is not known`,
      `write ${complaints.keyOf('replication.policy.class')} = org.apache.kafka.connect.mirror.DefaultReplicationPolicy or IdentityReplicationPolicy of the same package`,
    )
  }
  const separator = source.raw('replication.policy.separator')
  const everywhere = source.raw('replication.policy.internal.topic.separator.enabled')
  const isInternal = separator !== undefined && (everywhere === undefined || javaBoolean(everywhere))
  return { kind: kind ?? 'default', separator: separator ?? '.', internalSeparator: isInternal ? separator : '.' }
}

const excludedTopics: ListKey = { key: 'topics.exclude', former: 'topics.blacklist' }
export const excludedConfigs: ListKey = { key: 'config.properties.exclude', former: 'config.properties.blacklist' }

export function topicFilter(material: FlowMaterial, source: Reader, complaints: Complaints): NameFilter {
  return nameFilter(material, source, { key: 'topics' }, excludedTopics, complaints)
}

/** What the flow leaves out, item by item and defaults included: a list that is written replaces the default. */
export function leftOut(material: FlowMaterial, source: Reader): FlowSettings['leftOut'] {
  return {
    topics: listThatHolds(material, source, excludedTopics).list,
    configProperties: listThatHolds(material, source, excludedConfigs).list,
  }
}

/** A list under its key, or its key of older versions. */
interface ListKey {
  readonly key: string
  readonly former?: string
}

/** Two lists as one filter, compiled and as they are written. */
export function nameFilter(
  material: FlowMaterial,
  reader: Reader,
  include: ListKey,
  exclude: ListKey,
  complaints: Complaints,
): NameFilter {
  const written = { include: writtenItems(material, reader, include), exclude: writtenItems(material, reader, exclude) }
  return {
    include: [patterns(material, reader, include, complaints)],
    exclude: [patterns(material, reader, exclude, complaints)],
    ...(written.include.length + written.exclude.length > 0 && { written }),
  }
}

/** What the file lists; nothing where it leaves the default. */
function writtenItems(material: FlowMaterial, reader: Reader, { key, former }: ListKey): WrittenItem[] {
  const text = reader.raw(key) ?? (former === undefined ? undefined : formerEntry(material, former)?.text)
  if (text === undefined) return []
  const setting = reader.setting(key)
  const itemsOf = (list: string | null) => {
    const parsed = list === null ? undefined : parseSetting(setting, list, 'dropped')
    return parsed?.ok && Array.isArray(parsed.value) ? (parsed.value as string[]) : []
  }
  const defaults = new Set(itemsOf(setting.fallback))
  return itemsOf(text).map((item) => ({ text: item, isDefault: defaults.has(item) }))
}

/** The list that holds, as it is written or by default. One under its old name counts where the new one is not given: else it would stop excluding. */
export function listThatHolds(
  material: FlowMaterial,
  reader: Reader,
  { key, former }: ListKey,
): { list: readonly string[]; old?: Entry } {
  const old = former === undefined || reader.isSet(key) ? undefined : formerEntry(material, former)
  const items = old && parseSetting(reader.setting(key), old.text, 'dropped')
  const list = items?.ok && Array.isArray(items.value) ? (items.value as string[]) : reader.list(key)
  return { list, ...(old && { old }) }
}

/** One pattern for the whole list. */
export function patterns(
  material: FlowMaterial,
  reader: Reader,
  { key, former }: ListKey,
  complaints: Complaints,
): RegExp {
  const { list, old } = listThatHolds(material, reader, { key, ...(former !== undefined && { former }) })
  try {
    return compileJavaPatterns(list)
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    const remedy = patternRemedy(error.remedy ?? 'correct the pattern', list, old ?? reader.entry(key))
    complaints.error(old && former !== undefined ? former : key, `: ${error.message}`, remedy)
    return /(?!)/
  }
}

/** A better pattern as the whole line of a properties file, where a backslash is doubled; in a resource it stands as it is. */
function patternRemedy(remedy: string, list: readonly string[], entry: Entry | undefined): string {
  const meant = /^write (.*)$/.exec(remedy)?.[1]
  if (meant === undefined || entry === undefined || /^spec\.(?:mirrors|clusters|target)\b/.test(entry.key))
    return remedy
  const wrong = list.find((item) => !isPattern(item))
  return `write ${propertyLine(entry.key, list.map((item) => (item === wrong ? meant : item)).join(', '))}`
}

function isPattern(item: string): boolean {
  try {
    return compileJavaPatterns([item]) !== undefined
  } catch {
    return false
  }
}

/** What the file says under a key of an older version: for the flow, else bare. */
export function formerEntry({ pair, file, connector }: FlowMaterial, former: string): Entry | undefined {
  return connector.get(former) ?? file.get(`${flowName(pair)}.${former}`) ?? file.get(former)
}
