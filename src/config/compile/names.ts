// Names in a configuration: the replication policy, and the lists that select topics, groups and config properties.
import { Failure } from '../../base/failure.ts'
import { compileJavaPatterns } from '../../java-pattern/java-pattern.ts'
import type { FlowSettings, NameFilter, PolicySettings, WrittenItem } from '../../model/flow-settings.ts'
import type { connectorDefinitions } from '../definitions.ts'
import { javaTrim } from '../parse.ts'
import type { ScopedProblems } from '../problems.ts'
import { type Entries, type Entry, flowName, javaBoolean, type Pair } from '../resolve.ts'
import type { NameOf, RowOf } from '../setting.ts'
import { propertyLine } from '../text.ts'
import type { Reader } from './reader.ts'

/** The input for compiling a flow: its resolved maps, and where its problems are added. */
export interface FlowInput {
  readonly pair: Pair & { readonly connectorName: string }
  /** path of the file as given by the user */
  readonly path: string
  /** the whole file, for the flow's deprecated keys and godwit's own */
  readonly file: Entries
  readonly connector: Entries
  readonly worker: Entries
  readonly consumer: Entries
  readonly producer: Entries
  readonly problems: ScopedProblems
}

type Definitions = typeof connectorDefinitions
type SourceRow = RowOf<Definitions['MirrorSourceConnector']>
type ListRow = SourceRow | RowOf<Definitions['MirrorCheckpointConnector']>

const policies: Readonly<Record<string, PolicySettings['kind']>> = {
  'org.apache.kafka.connect.mirror.DefaultReplicationPolicy': 'default',
  'org.apache.kafka.connect.mirror.IdentityReplicationPolicy': 'identity',
  'io.strimzi.kafka.connect.mirror.IdentityReplicationPolicy': 'identity',
}

/**
 * The aliases that MM2's connectors use, which determine topic names and offset keys: those of the pair, unless the file
 * overrides them without prefix (for every flow), as `A.alias`, or under the flow. Kafka trims them.
 */
export function aliasesOf(connector: Entries, pair: Pair): { sourceAlias: string; targetAlias: string } {
  const of = (side: 'source' | 'target') => javaTrim(connector.get(`${side}.cluster.alias`)?.text ?? pair[side])
  return { sourceAlias: of('source'), targetAlias: of('target') }
}

/** Policies read their keys without trimming: a blank after the separator is part of it, and `true ` is not true. */
export function compilePolicy(source: Reader<SourceRow>, problems: ScopedProblems): PolicySettings {
  const className = source.text('replication.policy.class')
  const kind = policies[className]
  if (kind === undefined) {
    problems.error(
      'replication.policy.class',
      `is ${className}, which is not known`,
      `write ${problems.keyOf('replication.policy.class')} = org.apache.kafka.connect.mirror.DefaultReplicationPolicy or IdentityReplicationPolicy of the same package`,
    )
  }
  const separator = rawOrDefault(source, 'replication.policy.separator')
  const isEverywhere = javaBoolean(rawOrDefault(source, 'replication.policy.internal.topic.separator.enabled'))
  const internalSeparator = isEverywhere ? separator : source.defaultText('replication.policy.separator')
  return { kind: kind ?? 'default', separator, internalSeparator }
}

const rawOrDefault = (source: Reader<SourceRow>, name: NameOf<SourceRow>) =>
  source.raw(name) ?? source.defaultText(name)

/** A list by its setting's name, and its deprecated key. */
interface ListKey {
  readonly key: NameOf<ListRow, 'list'>
  readonly former?: string
}

const excludedTopics: ListKey = { key: 'topics.exclude', former: 'topics.blacklist' }

/** The topic configs that are not synced. */
export const excludedConfigs: ListKey = { key: 'config.properties.exclude', former: 'config.properties.blacklist' }

/** The topics that are copied. */
export function topicFilter(input: FlowInput, source: Reader<SourceRow>): NameFilter {
  return nameFilter(input, source, { key: 'topics' }, excludedTopics)
}

/** What the flow excludes, item by item, including defaults: a written list replaces the default. */
export function leftOut(input: FlowInput, source: Reader<SourceRow>): FlowSettings['leftOut'] {
  return {
    topics: listInForce(input, source, excludedTopics).list,
    configProperties: listInForce(input, source, excludedConfigs).list,
  }
}

/** Two lists as one filter, compiled and as written. An invalid pattern is a problem of the flow. */
export function nameFilter(input: FlowInput, reader: Reader<ListRow>, include: ListKey, exclude: ListKey): NameFilter {
  const written = { include: writtenItems(input, reader, include), exclude: writtenItems(input, reader, exclude) }
  return {
    include: [patterns(input, reader, include)],
    exclude: [patterns(input, reader, exclude)],
    ...(written.include.length + written.exclude.length > 0 && { written }),
  }
}

/** The entry of a list's deprecated key, which is used if the new key is absent. Otherwise it would stop excluding. */
const formerList = (input: FlowInput, reader: Reader<ListRow>, { key, former }: ListKey): Entry | undefined =>
  former === undefined || reader.isSet(key) ? undefined : formerEntry(input, former)

/** The items in the file; empty if the default is used. */
function writtenItems(input: FlowInput, reader: Reader<ListRow>, list: ListKey): WrittenItem[] {
  const text = reader.raw(list.key) ?? formerList(input, reader, list)?.text
  if (text === undefined) return []
  const defaults = new Set(reader.listIn(list.key, reader.defaultText(list.key)))
  return (reader.listIn(list.key, text) ?? []).map((item) => ({ text: item, isDefault: defaults.has(item) }))
}

/** The list that is used, written or default; `old` is its entry if that has the deprecated key. */
function listInForce(
  input: FlowInput,
  reader: Reader<ListRow>,
  list: ListKey,
): { list: readonly string[]; old?: Entry } {
  const old = formerList(input, reader, list)
  const items = old && reader.listIn(list.key, old.text)
  return { list: items ?? reader.list(list.key), ...(old && { old }) }
}

/** One pattern for the whole list. If it is invalid: a problem, and a pattern that matches nothing. */
export function patterns(input: FlowInput, reader: Reader<ListRow>, { key, former }: ListKey): RegExp {
  const { list, old } = listInForce(input, reader, { key, ...(former !== undefined && { former }) })
  try {
    return compileJavaPatterns(list)
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    const remedy = patternRemedy(error.remedy ?? 'correct the pattern', list, old ?? reader.entry(key))
    input.problems.error(old && former !== undefined ? former : key, `: ${error.message}`, remedy)
    return /(?!)/
  }
}

/**
 * The corrected pattern as a complete line of a properties file, with doubled backslashes; in a resource it is written unchanged.
 */
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

/** The entry with a deprecated key: under the flow, else without prefix. */
export function formerEntry({ pair, file, connector }: FlowInput, former: string): Entry | undefined {
  return connector.get(former) ?? file.get(`${flowName(pair)}.${former}`) ?? file.get(former)
}
