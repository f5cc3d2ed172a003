// What was compared so far, by topic: tells what is new in a later listing, and makes the reports of topics.
import { counted } from '../../base/counted.ts'
import { wireErrorName } from '../../kafka/wire-errors.ts'
import type { Verdict } from '../outcome.ts'
import { gravest, type PartitionReport, type TopicReport } from '../report.ts'
import type { HiddenTopic, Pair } from './pairs.ts'
import type { FixedRange } from './ranges.ts'
import type { Compared } from './second-look.ts'

interface Topic {
  readonly others: string[]
  /** as it was listed last */
  pair: Pair
  /** partitions of the source when it was listed first */
  readonly found: PartitionReport[]
  readonly ranges: Map<number, FixedRange>
  /** it, or some of its partitions, were created after the first listing */
  isNew: boolean
}

export class Seen {
  readonly #topics = new Map<string, Topic>()

  /** @param pairs of the first listing */
  constructor(pairs: readonly Pair[]) {
    for (const pair of pairs) this.#add(pair, false)
  }

  get pairs(): Pair[] {
    return [...this.#topics.values()].map(({ pair }) => pair)
  }

  get compared(): Compared[] {
    return [...this.#topics.values()].flatMap(({ pair, found, ranges }) =>
      found.flatMap((report) => {
        const range = ranges.get(report.partition)
        return range ? [{ pair, range, report }] : []
      }),
    )
  }

  add({ topic }: Pair, report: PartitionReport, range: FixedRange | undefined): void {
    const known = this.#topics.get(topic.name)
    known?.found.push(report)
    if (range) known?.ranges.set(report.partition, range)
  }

  /** Adds what differs in a topic as a whole. */
  addDifference(topic: string, sentence: string): void {
    this.#topics.get(topic)?.others.push(sentence)
  }

  /** The pairs of a later listing that have partitions which were not compared yet, with these only. */
  take(pairs: readonly Pair[]): Pair[] {
    return pairs.flatMap((pair) => {
      const known = this.#topics.get(pair.topic.name) ?? this.#add(pair, true)
      // Topics that were recreated are looked at in the second look: what was compared was another topic.
      if (known.pair !== pair && known.pair.topic.topicId !== pair.topic.topicId) return []
      if (known.pair.there && known.pair.there.topicId !== pair.there?.topicId) return []
      const isGrown =
        pair.topic.partitions.length > known.pair.topic.partitions.length || (!known.pair.there && pair.there)
      if (known.pair !== pair && isGrown) Object.assign(known, { pair, isNew: true })
      const partitions = pair.partitions.filter((one) => !known.found.some(({ partition }) => partition === one))
      return known.isNew && partitions.length > 0 ? [{ ...pair, partitions }] : []
    })
  }

  reports(): TopicReport[] {
    return [...this.#topics.values()].map(topicReport)
  }

  /** The moments at which what was compared was fixed: the earliest and the latest one. */
  asOf(now: string): { readonly from: string; readonly to: string } {
    const moments = [...this.#topics.values()].flatMap(({ ranges }) => [...ranges.values()].map(({ at }) => at)).sort()
    return { from: moments[0] ?? now, to: moments.at(-1) ?? now }
  }

  #add(pair: Pair, isNew: boolean): Topic {
    const topic = { pair, found: [], ranges: new Map(), isNew, others: [] }
    this.#topics.set(pair.topic.name, topic)
    return topic
  }
}

function topicReport({ pair, found, isNew, others }: Topic): TopicReport {
  const { topic, targetTopic, there, hidden } = pair
  const counts = { source: topic.partitions.length, target: there?.partitions.length ?? 0 }
  const differences: string[] = []
  const late = isNew ? ' yet: it was created while this ran' : ''
  if (hidden !== undefined) differences.push(hidden)
  else if (!there) differences.push(`the target has no topic ${targetTopic}${late}`)
  else if (counts.target < counts.source)
    differences.push(
      `the target has ${counted(counts.target, 'partition')} instead of ${counts.source}${isNew ? ', which were added while this ran' : ''}`,
    )
  const partitions = [...found].sort((a, b) => a.partition - b.partition)
  const isUnread = topic.error !== 0 || partitions.length < Math.min(counts.source, counts.target)
  if (topic.error !== 0)
    differences.push(`the source does not describe all its partitions now: ${wireErrorName(topic.error)}`)
  else if (isUnread) differences.push('partitions that were added while this ran were not compared: verify again')
  const lacks: Verdict = isNew && others.length === 0 ? 'notYet' : 'different'
  differences.push(...others)
  const own: Verdict =
    (isUnread || hidden !== undefined) && others.length === 0 ? 'incomplete' : differences.length > 0 ? lacks : 'equal'
  const verdict = gravest([own, ...partitions.map((one) => one.verdict)])
  return { ...{ topic: topic.name, targetTopic, verdict, partitionCounts: counts }, differences, partitions }
}

/** Of a topic that the source does not describe. */
export function hiddenReport({ topic, targetTopic, why }: HiddenTopic): TopicReport {
  const nothing = { partitionCounts: { source: 0, target: 0 }, partitions: [] }
  return { topic, targetTopic, verdict: 'incomplete', differences: [why], ...nothing }
}
