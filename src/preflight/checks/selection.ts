// What the lists of the file select: nothing at all, or items that match nothing.
import { counted } from '../../base/counted.ts'
import { correctedList, type UnmatchedItem, unmatchedText } from '../../mirror/topic-selection.ts'
import type { FlowFacts, Side } from '../facts/flow-facts.ts'
import type { Finding, Remedy } from '../finding.ts'
import { advice, setting } from '../remedies/commands.ts'
import { selectsNoneOf, unmatchedGroups, unmatchedTopics } from '../rules/selection.ts'

/** A file in which no flow is enabled, so that heartbeats are all there is; one finding, with its first flow. */
export function noFlowCopies({ settings, flows }: FlowFacts): Finding[] {
  if (flows.some((flow) => flow.settings.enabled) || flows[0]?.settings.name !== settings.name) return []
  const lines = flows.map((flow) => `${flow.settings.name}.enabled = true`)
  return [
    {
      code: 'no-flow-copies',
      check: 'selection',
      severity: 'warning',
      what: 'no flow of the file copies: none is enabled, heartbeats are all there is',
      why: 'a run would copy nothing, and would never be in sync',
      // Which of the flows is to copy only the reader knows.
      remedies:
        lines.length === 1
          ? [setting(lines.join())]
          : [
              advice(
                `write ${lines.join(' or ')}; in a KafkaMirrorMaker2, give the mirror that is to copy a sourceConnector`,
              ),
            ],
    },
  ]
}

/** What the lists of an enabled flow select; none of a source that cannot be read. */
export function selection(facts: FlowFacts): Finding[] {
  const { settings, source } = facts
  if (!settings.enabled || !source.inventory) return []
  const topics = unmatchedTopics(settings, source.inventory.topics.keys())
  const groups = mayListGroups(facts) ? unmatchedGroups(settings, facts.groups?.names) : []
  return [...nothingSelected(facts, topics), ...[...topics, ...groups].map((item) => oneItem(item, facts))]
}

function nothingSelected(facts: FlowFacts, unmatched: readonly UnmatchedItem[]): Finding[] {
  const { settings, source, policy } = facts
  const topics = selectsNoneOf(source.inventory?.topics.keys() ?? [], settings, policy)
  if (topics === undefined) return []
  const list = settings.topics.written?.include.map(({ text }) => text).join(', ')
  const written = list === undefined ? '' : ` (topics = ${list})`
  const finding: Finding = {
    code: 'no-topic-selected',
    check: 'selection',
    severity: 'warning',
    cluster: source.alias,
    what:
      topics === 0
        ? `${settings.name} selects no topic: cluster ${source.alias} has none that ${source.principal} may see`
        : `${settings.name} selects none of ${counted(topics, 'topic')} of cluster ${source.alias}${written}`,
    why: 'nothing would be copied, and the flow would never be in sync',
    remedies: topics === 0 ? [visibleTopic(source)] : selectingRemedies(facts, unmatched),
  }
  return [finding]
}

function visibleTopic({ alias, principal }: Side): Remedy {
  return advice(`create a topic on cluster ${alias}, or grant ${principal} Describe and Read on those that exist`)
}

function selectingRemedies(facts: FlowFacts, unmatched: readonly UnmatchedItem[]): Remedy[] {
  const { name } = facts.settings
  if (facts.lists(name, 'topics').length === 0)
    return [
      advice('topics is empty: name what is to be copied, or write for everything'),
      setting(`${name}.topics = .*`),
    ]
  const wrong = unmatched.filter(({ key }) => key === 'topics')
  if (wrong.length > 0) return corrected(wrong, facts)
  return [advice('take names out of topics.exclude, or disable the flow:'), setting(`${name}.enabled = false`)]
}

/** Whether the list of groups is whole: brokers leave out groups that the user may not describe, which is a finding of its own. */
function mayListGroups({ permissions }: FlowFacts): boolean {
  return !permissions.some(({ permission: { side, resourceType, operation }, denied, isForLater }) => {
    const isAbout = side === 'source' && resourceType === 'group' && operation === 'Describe'
    return isAbout && (denied.length > 0 || isForLater)
  })
}

function oneItem(item: UnmatchedItem, facts: FlowFacts): Finding {
  const isExclude = item.key.endsWith('.exclude')
  const kind = item.key.startsWith('topics') ? 'topic' : 'group'
  return {
    code: 'pattern-without-match',
    check: 'selection',
    severity: 'warning',
    cluster: facts.source.alias,
    what: unmatchedText(item, facts.source.alias),
    why: isExclude
      ? `it excludes nothing: a ${kind} that was meant to be left out is not`
      : `the ${kind} that was meant is left out, unless it is still to come`,
    remedies: corrected([item], facts),
  }
}

/** The line with every item of the list corrected, so that several findings about one list give the same line. */
function corrected(items: readonly UnmatchedItem[], { settings, source, groups }: FlowFacts): Remedy[] {
  const key = items[0]?.key ?? 'topics'
  const [filter, unmatched] = key.startsWith('topics')
    ? [settings.topics, unmatchedTopics(settings, source.inventory?.topics.keys() ?? [])]
    : [settings.groups, unmatchedGroups(settings, groups?.names)]
  const all = unmatched.filter((one) => one.key === key)
  const list = key.endsWith('.exclude') ? filter.written?.exclude : filter.written?.include
  const line = correctedList(list ?? [], all)
  // An empty list excludes nothing, which may be meant; a flow that includes nothing is not.
  if (line === '' && !key.endsWith('.exclude'))
    return [
      advice(`name what exists in ${key}, or write ${settings.name}.${key} = .* for everything`),
      setting(`${settings.name}.${key} = .*`),
    ]
  return [setting(`${settings.name}.${key} = ${line}`)]
}
