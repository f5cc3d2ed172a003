// What was compared so far, by topic: finds what is new in a later listing, and builds the reports of topics.
import { counted } from '../../base/counted.ts'
import { wireErrorName } from '../../kafka/wire-errors.ts'
import type { VerifyVerdict } from '../outcome.ts'
import { mostSevere, type PartitionReport, type TopicReport } from '../report.ts'
import type { ComparedPair, HiddenTopic } from './pairs.ts'
import type { FixedRange } from './ranges.ts'
import type { Compared } from './second-look.ts'

interface Topic {
  readonly others: string[]
  /** from the latest listing */
  pair: ComparedPair
  /** reports of the compared partitions */
  readonly found: PartitionReport[]
  readonly ranges: Map<number, FixedRange>
  /** whether it, or some of its partitions, were created after the first listing */
  isNew: boolean
}

export class ComparedTopics {
  readonly #topics = new Map<string, Topic>()

  /** @param pairs of the first listing */
  constructor(pairs: readonly ComparedPair[]) {
    for (const pair of pairs) this.#add(pair, false)
  }

  get pairs(): ComparedPair[] {
    return [...this.#topics.values()].map(({ pair }) => pair)
  }

  get partitions(): Compared[] {
    return [...this.#topics.values()].flatMap(({ pair, found, ranges }) =>
      found.flatMap((report) => {
        const range = ranges.get(report.partition)
        return range ? [{ pair, range, report }] : []
      }),
    )
  }

  add({ topic }: ComparedPair, report: PartitionReport, range: FixedRange | undefined): void {
    const known = this.#topics.get(topic.name)
    known?.found.push(report)
    if (range) known?.ranges.set(report.partition, range)
  }

  /** Adds a difference of a topic as a whole. */
  addDifference(topic: string, sentence: string): void {
    this.#topics.get(topic)?.others.push(sentence)
  }

  /** The pairs of a later listing that have partitions not compared yet, with only these partitions. */
  newIn(pairs: readonly ComparedPair[]): ComparedPair[] {
    return pairs.flatMap((pair) => {
      const known = this.#topics.get(pair.topic.name) ?? this.#add(pair, true)
      // Recreated topics are reported by the second look: the compared topic no longer exists.
      if (known.pair !== pair && known.pair.topic.topicId !== pair.topic.topicId) return []
      if (known.pair.copy && known.pair.copy.topicId !== pair.copy?.topicId) return []
      const isGrown =
        pair.topic.partitions.length > known.pair.topic.partitions.length || (!known.pair.copy && pair.copy)
      if (known.pair !== pair && isGrown) Object.assign(known, { pair, isNew: true })
      const partitions = pair.partitions.filter((one) => !known.found.some(({ partition }) => partition === one))
      return known.isNew && partitions.length > 0 ? [{ ...pair, partitions }] : []
    })
  }

  reports(): TopicReport[] {
    return [...this.#topics.values()].map(topicReport)
  }

  /** The earliest and the latest moment at which ranges were fixed. */
  asOf(now: string): { readonly from: string; readonly to: string } {
    const moments = [...this.#topics.values()].flatMap(({ ranges }) => [...ranges.values()].map(({ at }) => at)).sort()
    return { from: moments[0] ?? now, to: moments.at(-1) ?? now }
  }

  #add(pair: ComparedPair, isNew: boolean): Topic {
    const topic = { pair, found: [], ranges: new Map(), isNew, others: [] }
    this.#topics.set(pair.topic.name, topic)
    return topic
  }
}

function topicReport({ pair, found, isNew, others }: Topic): TopicReport {
  const { topic, targetTopic, copy, hidden } = pair
  const counts = { source: topic.partitions.length, target: copy?.partitions.length ?? 0 }
  const differences: string[] = []
  const late = isNew ? ' yet: it was created while this ran' : ''
  if (hidden !== undefined) differences.push(hidden)
  else if (!copy) differences.push(`the target has no topic ${targetTopic}${late}`)
  else if (counts.target < counts.source)
    differences.push(
      `the target has ${counted(counts.target, 'partition')} instead of ${counts.source}${isNew ? ', which were added while this ran' : ''}`,
    )
  const partitions = [...found].sort((a, b) => a.partition - b.partition)
  const isUnread = topic.error !== 0 || partitions.length < Math.min(counts.source, counts.target)
  if (topic.error !== 0)
    differences.push(`the source does not describe all its partitions now: ${wireErrorName(topic.error)}`)
  else if (isUnread) differences.push('partitions that were added while this ran were not compared: verify again')
  const lacks: VerifyVerdict = isNew && others.length === 0 ? 'notYet' : 'different'
  differences.push(...others)
  const own: VerifyVerdict =
    (isUnread || hidden !== undefined) && others.length === 0 ? 'incomplete' : differences.length > 0 ? lacks : 'equal'
  const verdict = mostSevere([own, ...partitions.map((one) => one.verdict)])
  return { ...{ topic: topic.name, targetTopic, verdict, partitionCounts: counts }, differences, partitions }
}

/** The report of a topic that the source does not describe. */
export function hiddenReport({ topic, targetTopic, why }: HiddenTopic): TopicReport {
  const nothing = { partitionCounts: { source: 0, target: 0 }, partitions: [] }
  return { topic, targetTopic, verdict: 'incomplete', differences: [why], ...nothing }
}
