// Aliases that the file overrides for the connectors: what is then named otherwise, and where MM2 itself would mix up or go round.
import type { EffectivePair } from '../effective.ts'
import type { Flow } from '../model.ts'
import type { Problems } from '../problems.ts'
import { flowName } from '../resolve.ts'

type Settings = Flow['settings']

/** Notes for overrides that are followed, warnings for what follows from them. `flows` are those that copy. */
export function adviseOnAliases(flows: readonly Flow[], pairs: readonly EffectivePair[], problems: Problems): void {
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

/** The same alias for two sources of one target, and one by which nobody sees where a topic came from. */
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
    const reason = `${back.name} does not see which topics came by ${here.name}, since those go by ${JSON.stringify(here.sourceAlias)} and it looks for ${JSON.stringify(back.targetAlias)}: they are copied back and go round for ever`
    problems.add(
      'warning',
      reason,
      `leave the topics of ${here.name} out with ${back.name}.topics.exclude, or give them one alias`,
    )
  }
}
