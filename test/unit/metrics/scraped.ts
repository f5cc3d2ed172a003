// Scrapes flows that a test defines. Returns the values by metric name and labels.

import { compileProcess } from '../../../src/config/compile/godwit.ts'
import { Problems } from '../../../src/config/problems.ts'
import { Collector } from '../../../src/metrics/collect.ts'
import type { Exposed } from '../../../src/metrics/families.ts'
import { scrape } from '../../../src/metrics/scrape.ts'
import type { FlowStatus, PartitionStatus } from '../../../src/model/flow-status.ts'
import type { Passed } from '../../../src/model/observer.ts'

export const clock = { now: 1_000_000 }

export function partition(number: number, given: Partial<PartitionStatus> = {}): PartitionStatus {
  const known = { state: 'copying', sourceStart: 0, sourceEnd: 50, position: 40, targetEnd: 40, lag: 10 } as const
  return { partition: number, ...known, lagMs: 1500, records: 40, bytes: 400, doubtful: 0, missed: 0, ...given }
}

export function flow(given: Partial<FlowStatus> = {}): FlowStatus {
  const topics = [{ topic: 'orders', targetTopic: 'old.orders', partitions: [partition(0)] }]
  const sums = { records: 40, bytes: 400, lag: 10, topics, periodicTasks: [], problems: [] }
  const names = { flow: 'old->new', source: 'old', target: 'new' }
  return { ...names, state: 'running', inSync: false, asOf: 0, startedAt: 0, ...sums, ...given }
}

export function passed(given: Partial<Passed> = {}): Passed {
  const place = { flow: 'old->new', source: 'old', target: 'new', topic: 'old.orders', partition: 0 }
  return { ...place, records: 5, bytes: 1000, timestamp: clock.now - 200, ...given }
}

export const newCollector = (): Collector => new Collector(() => clock.now)

/** A piece is valid only until the next one, so each is read at once. */
export function textOf(pieces: Iterable<Uint8Array>): string {
  let text = ''
  for (const piece of pieces) text += Buffer.from(piece).toString()
  return text
}

/** The exposed metrics of an empty configuration. */
export const usuallyExposed: Exposed = compileProcess(new Map(), new Problems('no file')).metrics

export function scraped(
  flows: readonly FlowStatus[],
  collector = newCollector(),
  exposed: Exposed = usuallyExposed,
): string {
  const answer = scrape({ version: '1.2.3', startedAt: 2_000, flows }, collector, {
    accept: '',
    exposed,
    now: clock.now,
  })
  return textOf(answer.pieces)
}

/** Values by name and labels. */
export function series(
  flows: readonly FlowStatus[],
  collector = newCollector(),
  exposed: Exposed = usuallyExposed,
): Map<string, string> {
  const lines = scraped(flows, collector, exposed)
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), line.slice(line.lastIndexOf(' ') + 1)]))
}
