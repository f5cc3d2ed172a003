// Reads clusters with Kafka's own consumer and compares them. Independent of godwit's code.
import { askJava, type Reach } from './java-json.ts'

export interface ReadOptions {
  readonly topics: readonly string[]
  /** default: read_committed */
  readonly isolation?: 'read_committed' | 'read_uncommitted'
  /** continue reading until this many records were read, or `withinMs` is over */
  readonly atLeast?: number
  /** default: 30 s */
  readonly withinMs?: number
  readonly heapMb?: number
}

/** What was read from one partition, from its first to its last record. */
export interface PartitionReading {
  readonly topic: string
  readonly partition: number
  readonly records: number
  /** size of keys, values, header names and header values */
  readonly bytes: number
  /** log start and end offset when reading began; the end is the last stable offset under read_committed */
  readonly startOffset: number
  readonly endOffset: number
  /** offset of the first and last record; -1 without records, as in all the fields that follow */
  readonly firstOffset: number
  readonly lastOffset: number
  readonly firstTimestamp: number
  readonly lastTimestamp: number
  /** lowest and highest of the numbers that Load.java wrote */
  readonly lowest: number
  readonly highest: number
  /** numbers between the lowest and the highest that are missing */
  readonly missing: number
  readonly firstMissing: number
  /** records whose number was read before */
  readonly doubled: number
  readonly outOfOrder: number
  /** records of aborted transactions */
  readonly aborted: number
  /** records that were produced to another partition */
  readonly misplaced: number
  /** records that Load.java did not write */
  readonly unnumbered: number
  /** the first of these faults, with its offset; '' if there is none */
  readonly firstFault: string
  /** SHA-256 over timestamp, key, value and headers of all records in order */
  readonly digest: string
}

/**
 * Reads topics to their end, sorted by topic and partition. Topics that do not exist are left out.
 * @throws Error if a partition cannot be read to its end
 */
export function readAll(cluster: Reach, options: ReadOptions): Promise<PartitionReading[]> {
  const { topics, isolation = 'read_committed', atLeast = 0, withinMs = 30_000, heapMb = 192 } = options
  const request = { topics, isolation, atLeast, withinMs, patienceMs: 30_000 }
  return askJava<PartitionReading>('Reader.java', cluster, request, { heapMb })
}

export interface Comparison {
  readonly topics: readonly string[]
  /** topic name on the target; default: the same */
  readonly nameOnTarget?: (topic: string) => string
  /** wait at most this long until the target holds as many records as the source */
  readonly withinMs?: number
}

/**
 * Compares topics record by record as an application under read_committed sees them: key, value, headers, timestamp and order
 * (offsets may differ). Returns one sentence per partition that differs; empty if all are equal. Names missing, duplicated and
 * reordered records if they are numbered.
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
