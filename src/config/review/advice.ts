// Warnings about valid files that probably do not have the intended effect: booleans, aliases, exactly-once.
import type { Effective, EffectivePair } from '../effective.ts'
import type { Flow } from '../model.ts'
import type { Problems } from '../problems.ts'
import { type Entry, flowName, javaBoolean } from '../resolve.ts'
import { adviseOnEffects } from './effects.ts'
import { reviewLoops } from './loops.ts'

/** Checks the file as a whole, and the flows that copy. */
export function advise(effective: Effective, flows: readonly Flow[], problems: Problems): void {
  adviseOnEnabled(effective, problems)
  // A pair that only emits heartbeats selects no topics.
  const taking = flows.filter(({ settings }) => settings.enabled)
  for (const flow of taking) adviseOnFlow(flow, problems)
  reviewLoops(effective.pairs, taking, problems)
  adviseOnExactlyOnce(effective.pairs, problems)
  const copying = new Set((taking.length > 0 ? taking : flows).map(({ settings }) => settings.name))
  const pairs = effective.pairs.filter((pair) => copying.has(flowName(pair)))
  adviseOnEffects(effective, pairs, problems)
  adviseOnAliases(taking, pairs, problems)
}

/** MM2 selects flows by the untrimmed text, connectors trim: `true ` with a blank is read in two ways. */
function adviseOnEnabled({ file, clusters }: Effective, problems: Problems): void {
  for (const source of clusters) {
    for (const target of clusters) {
      const entry = file.get(`${flowName({ source, target })}.enabled`)
      if (entry === undefined || javaBoolean(entry.text) || entry.text.trim().toLowerCase() !== 'true') continue
      const reason =
        'has a blank behind it: MM2 takes it for false when it chooses flows, and for true in the connectors'
      problems.about('warning', entry, reason, `write ${entry.key} = true`)
    }
  }
}

function adviseOnFlow({ settings }: Flow, problems: Problems): void {
  const { source, target, name, policy } = settings
  if (policy.kind === 'default' && policy.separator !== '' && source.includes(policy.separator)) {
    const reason = `the alias ${source} holds the separator ${JSON.stringify(policy.separator)}, so that its topics are not recognised on ${target}`
    problems.add('warning', reason, 'choose another alias or another replication.policy.separator', { flow: name })
  }
}

/** MM2 writes exactly once with transactions, godwit in another way: a file that requests it gets a note. */
function adviseOnExactlyOnce(pairs: readonly EffectivePair[], problems: Problems): void {
  const asked = new Map<string, Entry>()
  for (const { connector, worker } of pairs) {
    const support = worker.get('exactly.once.source.support')
    if (/^(?:enabled|preparing)$/i.test(support?.text.trim() ?? '') && support) asked.set(support.key, support)
    const required = connector.get('exactly.once.support')
    if (/^required$/i.test(required?.text.trim() ?? '') && required) asked.set(required.key, required)
  }
  for (const entry of asked.values()) {
    const reason =
      'asks for exactly-once: godwit gives it without transactions, by numbered writes and by looking at the target after anything ambiguous'
    problems.about('note', entry, reason, 'docs/exactly-once.md says what holds and what differs')
  }
}

type Settings = Flow['settings']

/** Notes for overridden aliases, warnings for their consequences. `flows` are those that copy. */
function adviseOnAliases(flows: readonly Flow[], pairs: readonly EffectivePair[], problems: Problems): void {
  const all = flows.map(({ settings }) => settings)
  for (const settings of all) {
    const connector = pairs.find((pair) => flowName(pair) === settings.name)?.connector
    for (const side of ['source', 'target'] as const) {
      const entry = connector?.get(`${side}.cluster.alias`)
      if (entry !== undefined && entry.line > 0 && settings[`${side}Alias`] !== settings[side])
        problems.about('note', entry, renamed(settings, side), `remove the line to go by ${settings[side]}`)
    }
  }
  for (const [at, one] of all.entries()) for (const other of all.slice(at + 1)) adviseOnTwo(one, other, problems)
}

function renamed(settings: Settings, side: 'source' | 'target'): string {
  const { name, policy, sourceAlias } = settings
  const alias = JSON.stringify(settings[`${side}Alias`])
  if (side === 'target')
    return `is ${alias}: as in MM2 the offset syncs and heartbeats of ${name} go by it, not by the flow`
  const example = policy.kind === 'default' ? ` (topic plain becomes ${sourceAlias}${policy.separator}plain)` : ''
  return `is ${alias}: as in MM2 the target topics${example}, checkpoints, heartbeats and stored offsets of ${name} go by it, not by the flow`
}

/** One alias for two sources of one target, and an alias that makes the origin of a topic unrecognizable. */
function adviseOnTwo(one: Settings, other: Settings, problems: Problems): void {
  if (one.policy.kind !== 'default' || other.policy.kind !== 'default') return
  if (one.target === other.target && one.sourceAlias === other.sourceAlias) {
    const reason = `${one.name} and ${other.name} both call their source ${JSON.stringify(one.sourceAlias)}: topics of the same name are mixed on ${one.target}`
    problems.add('warning', reason, `write another ${other.name}.source.cluster.alias`)
  }
  if (one.source !== other.target || one.target !== other.source) return
  for (const [here, back] of [
    [one, other],
    [other, one],
  ] as const) {
    if (here.sourceAlias === back.targetAlias && here.policy.separator !== '') continue
    const reason = `${back.name} does not see which topics came by ${here.name}, since those go by ${JSON.stringify(here.sourceAlias)} and it looks for ${JSON.stringify(back.targetAlias)}: they are copied back, in a loop without end`
    problems.add(
      'warning',
      reason,
      `leave the topics of ${here.name} out with ${back.name}.topics.exclude, or give them one alias`,
    )
  }
}
