// Two flows of one file that keep topic names and select the same topics in both directions: every record would be copied for
// ever.
import { newReplicationPolicy } from '../../mirror/replication-policy.ts'
import { shouldReplicate } from '../../mirror/topic-selection.ts'
import { Reader } from '../compile/reader.ts'
import { connectorDefinitions } from '../definitions.ts'
import type { EffectivePair } from '../effective.ts'
import type { Flow } from '../model.ts'
import type { Problems } from '../problems.ts'
import { flowName } from '../resolve.ts'

/** Checks each two flows in opposite directions. @param flows those that copy */
export function reviewLoops(pairs: readonly EffectivePair[], flows: readonly Flow[], problems: Problems): void {
  for (const { settings } of flows) {
    const { source, target } = settings
    const back = flows.find((other) => other.settings.source === target && other.settings.target === source)
    if (!back || source > target || settings.policy.kind !== 'identity' || back.settings.policy.kind !== 'identity')
      continue
    const names = [settings.name, back.settings.name]
    const shared = pairs
      .filter((pair) => names.includes(flowName(pair)))
      .flatMap(({ connector }) => new Reader(connector, connectorDefinitions.MirrorSourceConnector).list('topics'))
      .map(sampleOf)
      .find((name) => takes(settings, name) && takes(back.settings, name))
    const lines = names.map((name) => `${name}.topics`).join(', ')
    const remedy = `keep their topics disjoint (${lines}), use the DefaultReplicationPolicy, or, if nothing is written to such topics on both sides, insist with godwit.allow.loops = true`
    const isMeant = settings.allowLoops && back.settings.allowLoops
    const what = shared === undefined ? 'topics that both take' : `topics such as ${shared}, which both take`
    // Each of the two is left out separately, so that the other flows of the file can run.
    for (const [name, other] of [names, names.toReversed()] as [string, string][]) {
      const reason = `${name} and ${other} both keep topic names: ${what}, are copied in a loop without end`
      if (shared === undefined || isMeant) problems.add('warning', reason, remedy, { flow: name })
      else problems.add('error', reason, remedy, { flow: name, stops: 'flow' })
    }
  }
}

function takes(settings: Flow['settings'], topic: string): boolean {
  return shouldReplicate(topic, settings, newReplicationPolicy(settings.policy, settings.sourceAlias)).replicate
}

/** A topic name that matches an item of a list: the item itself, or the simplest name that a usual pattern matches. */
function sampleOf(item: string): string {
  return item.replaceAll(/\.[*+]/g, 'orders').replaceAll('\\', '')
}
