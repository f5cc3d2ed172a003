// A flow whose states a test sets.

import type { Completeness, ConnectorName, FlowStatus, Halt } from '../../../src/model/flow-status.ts'
import type { PositionsReset } from '../../../src/model/positions-reset.ts'
import type { RunningFlow } from '../../../src/worker/running-flow.ts'

export function flowStatus(given: Partial<FlowStatus> = {}): FlowStatus {
  const names = { flow: 'old->new', source: 'old', target: 'new' }
  const sums = { records: 0, bytes: 0, lag: 0, topics: [], periodicTasks: [], problems: [] }
  return { ...names, state: 'running', inSync: false, asOf: 0, startedAt: 0, ...sums, ...given }
}

export function completeness(given: Partial<Completeness> = {}): Completeness {
  return {
    verdict: 'missing',
    partitions: 3,
    missing: 1,
    isStuck: false,
    wasComplete: false,
    reasons: [],
    openTransactions: [],
    ...given,
  }
}

export class ScriptedFlow implements RunningFlow {
  current: FlowStatus
  readonly calls: string[] = []
  checks = 0
  readonly ended: Promise<void>
  #end: { resolve: () => void; reject: (error: unknown) => void }
  drainError: unknown
  resetError: Error | undefined
  /** called on a reset of positions */
  onReset: (reset: PositionsReset) => void = () => {}

  constructor(given: Partial<FlowStatus> = {}) {
    this.current = flowStatus(given)
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.ended = promise
    this.#end = { resolve, reject }
  }

  start(): void {
    this.calls.push('start')
  }

  status(): FlowStatus {
    return this.current
  }

  get asOf(): number {
    return this.current.asOf
  }

  check(): Promise<void> {
    this.checks++
    return Promise.resolve()
  }

  /** Changes the status of the flow. */
  becomes(given: Partial<FlowStatus>): void {
    this.current = { ...this.current, ...given }
  }

  fail(error: unknown): void {
    this.becomes({ state: 'failed' })
    this.#end.reject(error)
  }

  halt(connector: ConnectorName, how: Halt): void {
    this.calls.push(`${how} ${connector}`)
    this.becomes({ halted: { ...this.current.halted, [connector]: how } })
  }

  resume(connector: ConnectorName): void {
    this.calls.push(`resume ${connector}`)
    const { [connector]: _gone, ...halted } = this.current.halted ?? {}
    this.becomes({ halted })
  }

  restart(connector: ConnectorName): void {
    this.calls.push(`restart ${connector}`)
  }

  resetPositions(reset: PositionsReset): Promise<void> {
    this.calls.push(`reset ${JSON.stringify(reset)}`)
    this.onReset(reset)
    return this.resetError === undefined ? Promise.resolve() : Promise.reject(this.resetError)
  }

  drain(deadlineMs: number): Promise<void> {
    this.calls.push(`drain ${deadlineMs}`)
    this.becomes({ state: 'stopped' })
    if (this.drainError !== undefined) return Promise.reject(this.drainError)
    this.#end.resolve()
    return Promise.resolve()
  }

  close(): Promise<void> {
    this.calls.push('close')
    return Promise.resolve()
  }
}
