// The comparison of both clusters by Compare.java, as a table and a verdict.
import { type Column, count, table } from './table.ts'

/** The counts of one partition by Compare.java; `moved`: records on both sides, but not in the same order. */
export interface PartitionComparison {
  readonly topic: string
  readonly partition: number
  readonly source: number
  readonly target: number
  readonly equal: number
  readonly missing: number
  readonly extra: number
  readonly different: number
  readonly moved: number
  /** description of the first difference */
  readonly first?: string
}

/** True for the lines of Compare.java that describe a partition (the last one is a summary). */
export function isPartitionComparison(line: unknown): line is PartitionComparison {
  return typeof line === 'object' && line !== null && 'partition' in line && 'equal' in line
}

const columns: readonly Column[] = [
  { title: 'topic', align: 'left' },
  { title: 'partitions', align: 'right' },
  { title: 'records', align: 'right' },
  { title: 'equal', align: 'right' },
  { title: 'missing', align: 'right' },
  { title: 'extra', align: 'right' },
  { title: 'different', align: 'right' },
  { title: 'order', align: 'left' },
]

/** One row per topic. */
export function comparisonTable(all: readonly PartitionComparison[]): string[] {
  const rows = [...Map.groupBy(all, (p) => p.topic)].map(([topic, list]) => {
    const moved = sum(list, 'moved')
    return [
      topic,
      count(list.length),
      ...(['source', 'equal', 'missing', 'extra', 'different'] as const).map((field) => count(sum(list, field))),
      moved === 0 ? 'kept' : `${count(moved)} moved`,
    ]
  })
  return table(columns, rows)
}

/** The first difference of each partition that differs, as a sentence. */
export function differences(all: readonly PartitionComparison[]): string[] {
  return all.filter((p) => !isEqual(p)).map((p) => `${p.topic}-${p.partition}: ${p.first ?? 'counts differ'}`)
}

/** True when every record of every partition is equal on both sides and in the same order; false if there are no records. */
export function allEqual(all: readonly PartitionComparison[]): boolean {
  return all.length > 0 && sum(all, 'source') > 0 && all.every(isEqual)
}

/** The verdict as one sentence. */
export function verdict(all: readonly PartitionComparison[]): string {
  const topics = new Set(all.map((p) => p.topic)).size
  const where = `${count(all.length)} partitions of ${count(topics)} topics`
  if (allEqual(all)) {
    return `EQUAL: all ${count(sum(all, 'source'))} records in ${where} are the same on both clusters - key, value, headers, timestamp, order, partition.`
  }
  const faulty = all.filter((p) => !isEqual(p))
  return (
    `NOT EQUAL: ${count(faulty.length)} of ${where} differ: ${count(sum(faulty, 'missing'))} records missing, ` +
    `${count(sum(faulty, 'extra'))} extra, ${count(sum(faulty, 'different'))} different, ${count(sum(faulty, 'moved'))} out of place.`
  )
}

function isEqual(p: PartitionComparison): boolean {
  return p.equal === p.source && p.equal === p.target && p.missing + p.extra + p.different + p.moved === 0
}

type Counted = 'source' | 'target' | 'equal' | 'missing' | 'extra' | 'different' | 'moved'

function sum(list: readonly PartitionComparison[], field: Counted): number {
  return list.reduce((total, p) => total + p[field], 0)
}
