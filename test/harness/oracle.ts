// What is in a cluster, according to Kafka's own consumer, and how two clusters differ. Knows nothing of godwit.
import { askJava, type Reach } from './java-json.ts'

export interface ReadOptions {
  readonly topics: readonly string[]
  /** read_committed when absent */
  readonly isolation?: 'read_committed' | 'read_uncommitted'
  /** go on reading until there are so many records in all, or `withinMs` is over */
  readonly atLeast?: number
  /** 30 s when absent */
  readonly withinMs?: number
  readonly heapMb?: number
}

/** One partition from its first to its last record. */
export interface PartitionReading {
  readonly topic: string
  readonly partition: number
  readonly records: number
  /** of keys, values, header names and header values */
  readonly bytes: number
  /** of the log when reading began; the end is the last stable offset under read_committed */
  readonly startOffset: number
  readonly endOffset: number
  /** of the first and last record; -1 without any, as all that follow */
  readonly firstOffset: number
  readonly lastOffset: number
  readonly firstTimestamp: number
  readonly lastTimestamp: number
  /** of the numbers that Load.java gave */
  readonly lowest: number
  readonly highest: number
  /** numbers between the lowest and the highest that never came */
  readonly missing: number
  readonly firstMissing: number
  /** records whose number came before */
  readonly doubled: number
  readonly outOfOrder: number
  /** records of aborted transactions */
  readonly aborted: number
  /** records that were produced to another partition */
  readonly misplaced: number
  /** records that Load.java did not make */
  readonly unnumbered: number
  /** the first of these, with its offset; '' without any */
  readonly firstFault: string
  /** SHA-256 over timestamp, key, value and headers of all records in order */
  readonly digest: string
}

/**
 * Reads topics to their end; topics that do not exist give nothing. In order of topic and partition.
 * @throws Error when a partition cannot be read to its end
 */
export function readAll(cluster: Reach, options: ReadOptions): Promise<PartitionReading[]> {
  const { topics, isolation = 'read_committed', atLeast = 0, withinMs = 30_000, heapMb = 192 } = options
  const request = { topics, isolation, atLeast, withinMs, patienceMs: 30_000 }
  return askJava<PartitionReading>('Reader.java', cluster, request, { heapMb })
}

export interface Comparison {
  readonly topics: readonly string[]
  /** name on the target; the same when absent */
  readonly nameOnTarget?: (topic: string) => string
  /** wait until the target holds as many records as the source, at most so long */
  readonly withinMs?: number
}

/**
 * Compares topics record by record as an application under read_committed sees them: key, value, headers, timestamp and
 * order (offsets may differ). One sentence per partition that differs; none when all is equal. Loss, doubles and
 * disorder among numbered records are named.
 */
export async function compareClusters(source: Reach, target: Reach, options: Comparison): Promise<string[]> {
  const nameOnTarget = options.nameOnTarget ?? ((topic) => topic)
  const wanted = await readAll(source, { topics: options.topics })
  const atLeast = wanted.reduce((sum, { records }) => sum + records, 0)
  const withinMs = options.withinMs ?? 0
  const found = await readAll(target, { topics: options.topics.map(nameOnTarget), atLeast, withinMs })
  const places = new Map(found.map((reading) => [`${reading.topic}-${reading.partition}`, reading]))
  const unknown = options.topics.filter((topic) => !wanted.some((reading) => reading.topic === topic))
  const sentences = unknown.map((topic) => `${topic}: not on the source`)
  for (const expected of wanted) {
    const place = `${nameOnTarget(expected.topic)}-${expected.partition}`
    const sentence = difference(expected, places.get(place))
    places.delete(place)
    if (sentence) sentences.push(`${expected.topic}-${expected.partition}: ${sentence}`)
  }
  return [...sentences, ...[...places.keys()].map((place) => `${place}: only on the target`)]
}

function difference(expected: PartitionReading, found: PartitionReading | undefined): string | undefined {
  if (!found) return 'not on the target'
  if (found.digest === expected.digest && found.records === expected.records) return undefined
  const counts = `${expected.records} records on the source, ${found.records} on the target`
  const faults = [
    ...(['missing', 'doubled', 'outOfOrder', 'aborted', 'misplaced'] as const)
      .filter((fault) => found[fault] !== expected[fault])
      .map((fault) => `${found[fault] - expected[fault]} ${fault}`),
    ...(found.lowest === expected.lowest ? [] : [`starts at ${found.lowest} instead of ${expected.lowest}`]),
    ...(found.highest === expected.highest ? [] : [`ends at ${found.highest} instead of ${expected.highest}`]),
    ...(found.firstMissing === expected.firstMissing ? [] : [`first missing: ${found.firstMissing}`]),
    ...(found.firstFault === expected.firstFault ? [] : [found.firstFault]),
  ]
  return `${counts}; ${faults.length > 0 ? faults.join(', ') : 'contents differ'}`
}
