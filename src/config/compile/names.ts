// Names in a configuration: the replication policy, and the lists that choose topics, groups and config properties.
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

/** What a flow is compiled from: its resolved maps, and where its problems go. */
export interface FlowInput {
  readonly pair: Pair & { readonly connectorName: string }
  /** path of the file as the user gave it */
  readonly path: string
  /** the whole file, for the flow's keys of older versions and godwit's own */
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
 * What MM2's connectors call their clusters: names of topics and keys of offsets follow from it. It is the aliases of the pair
 * unless the file overrides them, bare (then for every flow), as `A.alias`, or at the flow. Kafka trims them.
 */
export function aliasesOf(connector: Entries, pair: Pair): { sourceAlias: string; targetAlias: string } {
  const of = (side: 'source' | 'target') => javaTrim(connector.get(`${side}.cluster.alias`)?.text ?? pair[side])
  return { sourceAlias: of('source'), targetAlias: of('target') }
}

/** Policies read their keys raw: a blank after the separator belongs to it, and `true ` is not true. */
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

/** A list by the name of its setting, and its key of older versions. */
interface ListKey {
  readonly key: NameOf<ListRow, 'list'>
  readonly former?: string
}

const excludedTopics: ListKey = { key: 'topics.exclude', former: 'topics.blacklist' }

/** The topic configs that are not copied. */
export const excludedConfigs: ListKey = { key: 'config.properties.exclude', former: 'config.properties.blacklist' }

/** Which topics are copied. */
export function topicFilter(input: FlowInput, source: Reader<SourceRow>): NameFilter {
  return nameFilter(input, source, { key: 'topics' }, excludedTopics)
}

/** What the flow leaves out, item by item and defaults included: a list that is written replaces the default. */
export function leftOut(input: FlowInput, source: Reader<SourceRow>): FlowSettings['leftOut'] {
  return {
    topics: listInForce(input, source, excludedTopics).list,
    configProperties: listInForce(input, source, excludedConfigs).list,
  }
}

/** Two lists as one filter, compiled and as they are written. A pattern that cannot be compiled is a problem of the flow. */
export function nameFilter(input: FlowInput, reader: Reader<ListRow>, include: ListKey, exclude: ListKey): NameFilter {
  const written = { include: writtenItems(input, reader, include), exclude: writtenItems(input, reader, exclude) }
  return {
    include: [patterns(input, reader, include)],
    exclude: [patterns(input, reader, exclude)],
    ...(written.include.length + written.exclude.length > 0 && { written }),
  }
}

/** The entry of a list's former key, which counts where the new one is not given: else it would stop excluding. */
const formerList = (input: FlowInput, reader: Reader<ListRow>, { key, former }: ListKey): Entry | undefined =>
  former === undefined || reader.isSet(key) ? undefined : formerEntry(input, former)

/** What the file lists; nothing where it leaves the default. */
function writtenItems(input: FlowInput, reader: Reader<ListRow>, list: ListKey): WrittenItem[] {
  const text = reader.raw(list.key) ?? formerList(input, reader, list)?.text
  if (text === undefined) return []
  const defaults = new Set(reader.listIn(list.key, reader.defaultText(list.key)))
  return (reader.listIn(list.key, text) ?? []).map((item) => ({ text: item, isDefault: defaults.has(item) }))
}

/** The list that counts, written or by default; `old` is its entry where that has the former key. */
function listInForce(
  input: FlowInput,
  reader: Reader<ListRow>,
  list: ListKey,
): { list: readonly string[]; old?: Entry } {
  const old = formerList(input, reader, list)
  const items = old && reader.listIn(list.key, old.text)
  return { list: items ?? reader.list(list.key), ...(old && { old }) }
}

/** One pattern for the whole list; where it cannot be compiled, a problem and a pattern that matches nothing. */
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

/** A better pattern as the whole line of a properties file, where a backslash is doubled; in a resource it is written as it is. */
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
export function formerEntry({ pair, file, connector }: FlowInput, former: string): Entry | undefined {
  return connector.get(former) ?? file.get(`${flowName(pair)}.${former}`) ?? file.get(former)
}
