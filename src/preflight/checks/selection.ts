// What the lists of the file select: nothing at all, or items that match nothing.
import { counted } from '../../base/counted.ts'
import {
  correctedList,
  shouldReplicate,
  type UnmatchedItem,
  unmatchedItems,
  unmatchedText,
} from '../../mirror/topic-selection.ts'
import type { FlowFacts } from '../facts.ts'
import type { Finding, Remedy } from '../finding.ts'
import { advice, setting } from '../remedies.ts'

/** Where no flow of the file is enabled, all that is left are heartbeats: said once, with the first of them. */
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
      // Only the reader knows which way the records are to go.
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

/** What the lists of an enabled flow select. */
export function selection(facts: FlowFacts): Finding[] {
  const { settings, source } = facts
  if (!settings.enabled || !source.inventory) return []
  const topics = unmatchedItems(settings.topics, 'topics', [...source.inventory.topics.keys()])
  return [
    ...nothingSelected(facts, topics),
    ...[...topics, ...unmatchedGroups(facts)].map((item) => oneItem(item, facts)),
  ]
}

/** Heartbeats are copied whatever the lists say. */
function nothingSelected(facts: FlowFacts, unmatched: readonly UnmatchedItem[]): Finding[] {
  const { settings, source, policy, pairs, lists } = facts
  if (pairs.some(({ topic }) => shouldReplicate(topic.name, settings, policy).why === 'included')) return []
  const own = [...(source.inventory?.topics.values() ?? [])].filter(({ name }) => !policy.isInternalTopic(name))
  const isHidden = own.length === 0
  const list = settings.topics.written?.include.map(({ text }) => text).join(', ')
  const says = list === undefined ? '' : ` (topics = ${list})`
  const wrong = unmatched.filter(({ key }) => key === 'topics')
  return [
    {
      code: 'no-topic-selected',
      check: 'selection',
      severity: 'warning',
      cluster: source.alias,
      what: isHidden
        ? `${settings.name} selects no topic: cluster ${source.alias} has none that ${source.principal} may see`
        : `${settings.name} selects none of ${counted(own.length, 'topic')} of cluster ${source.alias}${says}`,
      why: 'nothing would be copied, and the flow would never be in sync',
      remedies: isHidden
        ? [
            advice(
              `create a topic on cluster ${source.alias}, or grant ${source.principal} Describe and Read on those that exist`,
            ),
          ]
        : lists(settings.name, 'topics').length === 0
          ? [
              advice('topics is empty: name what is to be copied, or write for everything'),
              setting(`${settings.name}.topics = .*`),
            ]
          : wrong.length > 0
            ? corrected(wrong, facts)
            : [
                advice('take names out of topics.exclude, or disable the flow:'),
                setting(`${settings.name}.enabled = false`),
              ],
    },
  ]
}

/** A user who may not see groups is told of none; that is another finding. */
function unmatchedGroups({ settings, groupNames, permissions }: FlowFacts): UnmatchedItem[] {
  const isUsed = settings.checkpoints.enabled || settings.syncGroupOffsets.enabled
  const isHidden = permissions.some(({ permission: { side, resourceType, operation }, denied, isForLater }) => {
    return (
      side === 'source' && resourceType === 'group' && operation === 'Describe' && (denied.length > 0 || isForLater)
    )
  })
  return isUsed && groupNames && !isHidden ? unmatchedItems(settings.groups, 'groups', groupNames) : []
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
function corrected(items: readonly UnmatchedItem[], { settings, source, groupNames = [] }: FlowFacts): Remedy[] {
  const key = items[0]?.key ?? 'topics'
  const filter = key.startsWith('topics') ? settings.topics : settings.groups
  const names = key.startsWith('topics') ? [...(source.inventory?.topics.keys() ?? [])] : groupNames
  const all = unmatchedItems(filter, key.startsWith('topics') ? 'topics' : 'groups', names).filter(
    (one) => one.key === key,
  )
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
