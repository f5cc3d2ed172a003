// Selection of partitions for the `godwit positions` commands.
import { Failure } from '../../../base/failure.ts'
import type { FlowPositions, PartitionPositions } from '../../../positions/memory.ts'
import { type Context, listOf, type Option, textOf } from '../../command.ts'
import { noTopic, topicPatterns } from '../groups/chosen.ts'

export const topicOption: Option = {
  value: 'REGEX',
  several: true,
  doc: 'Only source topics whose whole name matches one of these (default: all).',
}
export const partitionOption: Option = { value: 'N,...', doc: 'Only these partitions of them (default: all).' }

/** The partitions that --topic and --partition select. @throws Failure USAGE for an invalid pattern, or one without a match */
export async function chosenPartitions(
  context: Context,
  { partitions }: FlowPositions,
  source: string,
): Promise<PartitionPositions[]> {
  const patterns = listOf(context.values, 'topic')
  const isSelected = await topicPatterns(patterns)
  const numbers = partitionsOf(context)
  const ofTopics = partitions.filter(({ topic }) => isSelected(topic))
  if (ofTopics.length === 0 && patterns.length > 0)
    throw noTopic(patterns, `of cluster ${source} that is copied or has a stored position:`, topicsOf(partitions))
  const chosen = ofTopics.filter(({ partition }) => numbers === undefined || numbers.has(partition))
  if (chosen.length > 0 || ofTopics.length === 0) return chosen
  throw new Failure('USAGE', `${topicsOf(ofTopics).join(', ')} has no such partition`, {
    remedy: `there are ${[...new Set(ofTopics.map(({ partition }) => partition))].join(', ')}`,
  })
}

/** Whether all topics and partitions are selected. */
export function areAllSelected({ values }: Context): boolean {
  return listOf(values, 'topic').length === 0 && textOf(values, 'partition') === undefined
}

function partitionsOf({ values }: Context): ReadonlySet<number> | undefined {
  const text = textOf(values, 'partition')
  if (text === undefined) return undefined
  const words = text.split(',').map((word) => word.trim())
  if (words.every((word) => /^\d{1,9}$/.test(word))) return new Set(words.map(Number))
  throw new Failure('USAGE', `--partition takes numbers, not '${text}'`, { remedy: 'e.g. --partition 0,1' })
}

const topicsOf = (partitions: readonly PartitionPositions[]) => [...new Set(partitions.map(({ topic }) => topic))]
