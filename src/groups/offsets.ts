// Offsets of partitions: of one cluster at a given time, or of both clusters with how far the flow has copied.

import { Failure } from '../base/failure.ts'
import { topicPartitionKey } from '../base/topic-partition.ts'
import type { AssignedPartition } from '../kafka/group-details.ts'
import { inOrder } from './describe.ts'
import type { Copied, OffsetLookup } from './offset-lookup.ts'
import type { ClusterSide } from './side.ts'

export interface PartitionOffset extends AssignedPartition {
  readonly offset: number
}

export interface ComparedOffsets extends AssignedPartition {
  readonly sourceStart: number | undefined
  readonly sourceEnd: number | undefined
  /** next source offset to copy; undefined while unknown */
  readonly copied: Copied | undefined
  readonly targetTopic: string
  readonly targetStart: number | undefined
  readonly targetEnd: number | undefined
  /** source offsets still to copy */
  readonly lag: number | undefined
}

const LIST_OFFSETS = 2
const MAX_TIMESTAMP = -3
/** Special timestamps, and the ListOffsets version that introduced each (KIP-734, KIP-405, KIP-1005). */
const special: ReadonlyMap<number, number> = new Map([
  [MAX_TIMESTAMP, 7],
  [-4, 8],
  [-5, 9],
])
const named: Readonly<Record<string, number | 'earliest' | 'latest'>> = {
  latest: 'latest',
  '-1': 'latest',
  earliest: 'earliest',
  '-2': 'earliest',
  'max-timestamp': MAX_TIMESTAMP,
  'earliest-local': -4,
  'latest-tiered': -5,
}

/** Parses the value of `--time`. @returns a timestamp in ms since the epoch, a special one, or a name @throws Failure USAGE */
export function parseTime(text: string): number | 'earliest' | 'latest' {
  const known = named[text]
  if (known !== undefined) return known
  if (/^[+-]?\d+$/.test(text) && Number(text) >= -5) return Number(text)
  throw new Failure('USAGE', `'${text}' is not a valid time`, {
    remedy: 'give latest, earliest, max-timestamp, or a time in ms since 1970',
  })
}

/** The partitions of the topics that `accepts` takes, sorted. @throws Failure */
export async function partitionsOf(
  side: ClusterSide,
  accepts: (topic: string) => boolean,
): Promise<AssignedPartition[]> {
  const { topics } = await side.cluster.metadata()
  const chosen = [...topics.values()].filter(({ name, error }) => error === 0 && accepts(name))
  return inOrder(
    chosen.flatMap(({ name, partitions }) => partitions.map(({ index }) => ({ topic: name, partition: index }))),
  )
}

/**
 * The offsets at a time (ms since the epoch). Partitions without a record of that time or later are left out, as are those whose request
 * failed, which are in `failures`.
 * @throws Failure when the cluster does not answer, UNSUPPORTED_VERSION where it does not support the special timestamp
 */
export async function offsetsAt(
  side: ClusterSide,
  partitions: readonly AssignedPartition[],
  at: number | 'earliest' | 'latest',
): Promise<{ readonly offsets: readonly PartitionOffset[]; readonly failures: readonly Failure[] }> {
  await requireSupport(side, at)
  const found = await side.admin.listOffsets(
    partitions.map((one) => ({ ...one, at })),
    'read_uncommitted',
  )
  const failures = [...found.values()].filter((one) => one instanceof Failure)
  const offsets = partitions.flatMap((wanted) => {
    const one = found.get(topicPartitionKey(wanted.topic, wanted.partition))
    return one === undefined || one instanceof Failure || one.offset < 0 ? [] : [{ ...wanted, offset: one.offset }]
  })
  return { offsets, failures }
}

/** An older broker takes a special timestamp for a time before 1970 and would return the log start. */
async function requireSupport({ cluster, alias }: ClusterSide, at: number | 'earliest' | 'latest'): Promise<void> {
  const version = typeof at === 'number' ? special.get(at) : undefined
  if (version === undefined) return
  for (const broker of (await cluster.metadata([])).brokers.keys()) {
    if (((await cluster.apiVersions(broker)).get(LIST_OFFSETS)?.max ?? 0) >= version) continue
    throw new Failure('UNSUPPORTED_VERSION', `broker ${broker} of cluster ${alias} is too old for this --time`, {
      cluster: alias,
      remedy: 'ask for latest, earliest, or a time in ms since 1970',
    })
  }
}

/** Offsets of the partitions that a flow copies, on both clusters. @throws Failure */
export async function compareOffsets(
  lookup: OffsetLookup,
  { source, target }: { readonly source: ClusterSide; readonly target: ClusterSide },
  accepts: (topic: string) => boolean,
): Promise<ComparedOffsets[]> {
  const copied = new Set(lookup.copiedTopics.filter(accepts))
  const here = await partitionsOf(source, (topic) => copied.has(topic))
  const names = new Set([...copied].map((topic) => lookup.nameOnTarget(topic)))
  const there = await partitionsOf(target, (topic) => names.has(topic))
  const [sourceStarts, sourceEnds, targetStarts, targetEnds] = await Promise.all([
    source.offsets(here, 'earliest'),
    source.offsets(here, 'latest'),
    target.offsets(there, 'earliest'),
    target.offsets(there, 'latest'),
  ])
  const positions = await lookup.copied(here)
  return here.map(({ topic, partition }, at) => {
    const targetTopic = lookup.nameOnTarget(topic)
    const [key, copy] = [topicPartitionKey(topic, partition), topicPartitionKey(targetTopic, partition)]
    const position = positions[at]
    const sourceEnd = sourceEnds.get(key)
    return {
      ...{ topic, partition, targetTopic, sourceStart: sourceStarts.get(key), sourceEnd, copied: position },
      ...{ targetStart: targetStarts.get(copy), targetEnd: targetEnds.get(copy) },
      lag: position && sourceEnd !== undefined ? Math.max(0, sourceEnd - position.upstream) : undefined,
    }
  })
}
