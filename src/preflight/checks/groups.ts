// Groups of the target whose consumers could not continue at their committed offsets.

import type { FlowFacts } from '../facts/flow-facts.ts'
import type { BeyondEnd } from '../facts/groups.ts'
import type { Finding, Remedy } from '../finding.ts'
import { godwitCommand } from '../remedies/commands.ts'

/** A finding for each group: MirrorMaker 2 before 3.3 committed offsets of the source (KAFKA-12468), and a recreated topic leaves old ones. */
export function groupOffsets(facts: FlowFacts): Finding[] {
  return [...Map.groupBy(facts.beyondEnd ?? [], ({ group }) => group)].map(([group, places]) => {
    const [first] = places
    const more =
      places.length > 1 ? `, and so in ${places.length - 1} more partition${places.length === 2 ? '' : 's'}` : ''
    return {
      code: 'group-beyond-end',
      check: 'group-offsets',
      severity: 'error',
      cluster: facts.target.alias,
      what: `group ${group} has committed offset ${first?.committed} of ${first?.targetName}-${first?.partition} on cluster ${facts.target.alias}, beyond the end of its log, ${first?.end}${more}`,
      why: 'its consumers are out of range once they move: auto.offset.reset decides then, and records are read again or skipped',
      remedies: repairs(group, places, facts),
    } satisfies Finding
  })
}

/** Where the group stands on the source, translated; the end of the log where it has nothing there. */
function repairs(group: string, places: readonly BeyondEnd[], { file, settings, target }: FlowFacts): Remedy[] {
  const [here, nowhere] = [
    places.filter(({ isOnSource }) => isOnSource),
    places.filter(({ isOnSource }) => !isOnSource),
  ]
  const topics = [...Map.groupBy(nowhere, ({ targetName }) => targetName)].map(
    ([topic, own]) => `${topic}:${own.map(({ partition }) => partition).join(',')}`,
  )
  const reset = ['groups', 'reset', file, '--flow', settings.name, '--cluster', target.alias, '--group', group]
  return [
    ...(here.length > 0 ? [godwitCommand([...reset, '--to-translated', '--execute'])] : []),
    ...(topics.length > 0 ? [godwitCommand([...reset, '--topic', ...topics, '--to-latest', '--execute'])] : []),
  ]
}
