// Statuses and contexts for tests of the command line.

import type { ProcessContext } from '../../../src/cli/cli.ts'
import type { OptionValues } from '../../../src/cli/command.ts'
import type { Completeness, FlowStatus, PartitionStatus } from '../../../src/model/flow-status.ts'

export function partition(given: Partial<PartitionStatus> = {}): PartitionStatus {
  return {
    partition: 0,
    state: 'copying',
    sourceStart: 0,
    sourceEnd: 100,
    position: 90,
    targetEnd: 90,
    lag: 10,
    lagMs: 2500,
    records: 90,
    bytes: 90_000,
    doubtful: 0,
    missed: 0,
    ...given,
  }
}

export function completeness(given: Partial<Completeness> = {}): Completeness {
  const base = { verdict: 'missing', partitions: 1, missing: 1, isStuck: false, wasComplete: false } as const
  return { ...base, reasons: ['orders is late'], openTransactions: [], ...given }
}

export function flow(given: Partial<FlowStatus> = {}): FlowStatus {
  return {
    flow: 'old->new',
    source: 'old',
    target: 'new',
    state: 'running',
    inSync: false,
    asOf: 2_000,
    completeness: completeness(),
    startedAt: 1_000,
    records: 90,
    bytes: 90_000,
    lag: 10,
    topics: [{ topic: 'orders', targetTopic: 'old.orders', partitions: [partition()] }],
    periodicTasks: [],
    problems: [],
    ...given,
  }
}

/** A process context that records the output. */
export function captured(given: Partial<ProcessContext> = {}) {
  const out: string[] = []
  const err: string[] = []
  const around: ProcessContext = {
    print: (text) => void out.push(text),
    printError: (text) => void err.push(text),
    signal: new AbortController().signal,
    environment: {},
    isTerminal: false,
    ...given,
  }
  return { around, out, err }
}

export const noValues: OptionValues = {}
