// `godwit positions show FILE`: what a flow remembers.
import type { Command, Context } from '../../command.ts'
import { configured, flowOf, flowOptions, unusable } from '../../configured.ts'
import { exits } from '../../exit-codes.ts'
import { memoryLines, memoryValue } from '../../output/positions-text.ts'
import { outputOption, printResult } from '../../output/render.ts'
import { chosenPartitions, partitionOption, topicOption } from './chosen.ts'

export const positionsShow = {
  name: 'positions show',
  summary:
    'Shows what a flow remembers of each partition: where it goes on, and whether that still belongs to these topics.',
  usage: 'positions show FILE [--flow SOURCE->TARGET] [--topic REGEX...] [--partition N,...] [--output text|json|yaml]',
  arguments: ['FILE'],
  options: {
    ...flowOptions,
    topic: topicOption,
    partition: partitionOption,
    output: outputOption,
  },
  notes: [
    "SOURCE-NEXT and TARGET-NEXT are godwit's own position: the next source offset to copy, and where the target ended then. MM2-OFFSET is the last offset that has arrived as MirrorMaker 2 knows it, in the topic of offset.storage.topic. MAP is the range of source offsets from which offsets of groups are translated. What is stored is about a second old while godwit runs.",
    'NOTE tells where a stored position no longer belongs to the topic of that name, because it was deleted and created again or the replication policy was changed. Nothing is changed.',
    'Exit codes: 0 shown, 64 the command line is wrong, 69 a cluster does not answer, 77 it refuses, 78 FILE has problems.',
  ],
  examples: [
    ['positions show mm2.properties', 'everything'],
    ["positions show mm2.properties --topic '^orders$' --output json", 'one topic, for a program'],
  ],
  run,
} as const satisfies Command

async function run(context: Context): Promise<number> {
  const file = configured(context)
  if (!file) return unusable
  const flow = flowOf(context, file.model)
  const { FlowClusters, readFlowPositions } = await import('../../../positions/memory.ts')
  await using clusters = new FlowClusters(flow)
  const memory = await readFlowPositions(clusters)
  const partitions = await chosenPartitions(context, memory, flow.settings.source)
  for (const { message, remedy } of memory.unreadable)
    context.complain(`godwit: ${message}${remedy === undefined ? '' : `\n  remedy: ${remedy}`}`)
  printResult(context, memoryValue(flow.settings.name, partitions, memory.unreadable), () =>
    memoryLines(partitions, Date.now()).join('\n'),
  )
  return exits.fine.code
}
