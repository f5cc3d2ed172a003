// The workloads of the bench: the data on the source, and the work of a contestant.

export interface Workload {
  readonly name: string
  readonly title: string
  /** copy: a finite backlog; start: many partitions with few records, then idle; latency: a small live stream */
  readonly kind: 'copy' | 'start' | 'latency'
  readonly partitions: number
  /** topics the partitions are spread over */
  readonly topics: number
  readonly valueBytes: number
  /** batch.size of the filler; 1: one record per batch */
  readonly batchBytes: number
  readonly codec: 'none' | 'lz4' | 'zstd'
  /** payload of a full run, MB */
  readonly mb: number
  /** link between copier and target; slow: 80 ms round trip */
  readonly link: 'loopback' | 'slow'
}

const plain = {
  kind: 'copy',
  partitions: 8,
  topics: 1,
  valueBytes: 1024,
  batchBytes: 255 * 1024,
  codec: 'none',
  mb: 1024,
  link: 'loopback',
} as const

export const workloads: readonly Workload[] = [
  { ...plain, name: 'large-batches', title: '1 KiB records in 255 KiB batches, uncompressed', mb: 3072 },
  {
    ...plain,
    name: 'batches-16k',
    title: '1 KiB records in 16 KiB batches, uncompressed',
    batchBytes: 16 * 1024,
    mb: 2048,
  },
  { ...plain, name: 'one-record', title: '1 KiB records, one per batch, uncompressed', batchBytes: 1, mb: 2048 },
  { ...plain, name: 'lz4', title: '1 KiB records in lz4 batches', codec: 'lz4' },
  { ...plain, name: 'zstd', title: '1 KiB records in zstd batches', codec: 'zstd' },
  { ...plain, name: 'records-100b', title: '100 B records in 255 KiB batches, uncompressed', valueBytes: 100, mb: 512 },
  {
    ...plain,
    name: 'partitions-1000',
    title: '1,000 partitions, 1 KiB records in 16 KiB batches, uncompressed',
    partitions: 1000,
    batchBytes: 16 * 1024,
    mb: 512,
  },
  {
    ...plain,
    name: 'link-80ms',
    title: '1 KiB records in 255 KiB batches over a link of 80 ms round trip',
    mb: 512,
    link: 'slow',
  },
  {
    ...plain,
    name: 'start-2000',
    title: '2,000 partitions whose target topics exist: start, then idle',
    kind: 'start',
    partitions: 2000,
    topics: 20,
    valueBytes: 100,
    batchBytes: 16 * 1024,
    mb: 2,
  },
  { ...plain, name: 'latency', title: '50 records of 1 KiB per second', kind: 'latency', mb: 0 },
]

/** Records for this many MB of payload, at least one per partition, the same number in each. */
export function recordsFor(workload: Workload, mb: number): number {
  const each = Math.max(1, Math.round((mb * 1e6) / workload.valueBytes / workload.partitions))
  return each * workload.partitions
}

/** Names of the source topics; partitions are spread evenly. */
export function topicsOf(workload: Workload): ReadonlyMap<string, number> {
  const names = Array.from({ length: workload.topics }, (_, i) => (workload.topics === 1 ? 'load' : `load-${i}`))
  return new Map(names.map((name) => [name, workload.partitions / workload.topics]))
}
