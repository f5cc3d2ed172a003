// `godwit positions show FILE`: the stored positions of a flow.
import type { Command, Context } from '../../command.ts'
import { configured, flowOf, flowOptions, unusable } from '../../configured.ts'
import { exits } from '../../exit-codes.ts'
import { memoryLines, memoryValue } from '../../output/positions-text.ts'
import { outputOption, printResult } from '../../output/render.ts'
import { chosenPartitions, partitionOption, topicOption } from './chosen.ts'

export const positionsShow = {
  name: 'positions show',
  summary:
    'Shows the stored position of each partition: where copying continues, and whether the position still belongs to the topic.',
  usage: 'positions show FILE [--flow SOURCE->TARGET] [--topic REGEX...] [--partition N,...] [--output text|json|yaml]',
  arguments: ['FILE'],
  options: {
    ...flowOptions,
    topic: topicOption,
    partition: partitionOption,
    output: outputOption,
  },
  notes: [
    "SOURCE-NEXT and TARGET-NEXT are godwit's own position: the next source offset to copy, and the end of the target at that time. MM2-OFFSET is the offset of the last copied record as MirrorMaker 2 stores it, in its offset.storage.topic. MAP is the range of source offsets for which group offsets can be translated. Stored positions are about a second old while godwit runs.",
    'NOTE reports a stored position that no longer belongs to the topic of that name, because the topic was recreated or the replication policy was changed. Nothing is changed.',
    'Exit codes: 0 shown, 64 the command line is invalid, 69 a cluster does not answer, 77 a cluster denies access, 78 FILE has problems.',
  ],
  examples: [
    ['positions show mm2.properties', 'all partitions'],
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
    context.printError(`godwit: ${message}${remedy === undefined ? '' : `\n  remedy: ${remedy}`}`)
  printResult(context, memoryValue(flow.settings.name, partitions, memory.unreadable), () =>
    memoryLines(partitions, Date.now()).join('\n'),
  )
  return exits.fine.code
}
