// Warnings about files that can be read, but probably do not do what their authors think.
import type { Effective, EffectivePair } from '../effective.ts'
import type { Flow } from '../model.ts'
import type { Problems } from '../problems.ts'
import { type Entry, flowName, javaBoolean } from '../resolve.ts'
import { adviseOnAliases } from './aliases.ts'
import { adviseOnEffects } from './effects.ts'
import { reviewLoops } from './loops.ts'

/** Looks at the file as a whole, and at the flows that are to copy. */
export function advise(effective: Effective, flows: readonly Flow[], problems: Problems): void {
  adviseOnEnabled(effective, problems)
  // A pair that only emits heartbeats takes no topics.
  const taking = flows.filter(({ settings }) => settings.enabled)
  for (const flow of taking) adviseOnFlow(flow, problems)
  reviewLoops(effective.pairs, taking, problems)
  adviseOnExactlyOnce(effective.pairs, problems)
  const copying = new Set((taking.length > 0 ? taking : flows).map(({ settings }) => settings.name))
  const pairs = effective.pairs.filter((pair) => copying.has(flowName(pair)))
  adviseOnEffects(effective, pairs, problems)
  adviseOnAliases(taking, pairs, problems)
}

/** MM2 chooses flows by the raw text, connectors trim: `true ` with a blank is read in two ways. */
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

/** MM2 keeps its promise by transactions, godwit its own by other means: whoever asked for the one should know of the other. */
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
