// Logs the progress of each active flow every 30 s.
import type { Logger } from '../base/logger.ts'
import type { FlowStatus } from '../model/flow-status.ts'

export const progressEveryMs = 30_000

/** Logs the progress of flows that changed since the previous call. */
export class ProgressLog {
  readonly #log: Logger
  readonly #last = new Map<string, { at: number; records: number; lag: number | null }>()

  constructor(log: Logger) {
    this.#log = log
  }

  /** @param now in ms. The first call only stores the state of each flow. */
  report(flows: readonly FlowStatus[], now: number): void {
    for (const flow of flows) {
      const last = this.#last.get(flow.flow)
      this.#last.set(flow.flow, { at: now, records: flow.records, lag: flow.lag })
      if (!last || (last.records === flow.records && last.lag === flow.lag)) continue
      this.#log.info('progress', {
        flow: flow.flow,
        records: flow.records,
        bytes: flow.bytes,
        records_per_second: Math.round(((flow.records - last.records) * 1000) / (now - last.at)),
        lag: flow.lag ?? 'unknown',
        missing_partitions: flow.completeness?.missing || undefined,
        open_transactions: flow.completeness?.openTransactions.length || undefined,
        problems: flow.problems.length > 0 ? flow.problems.length : undefined,
      })
    }
  }
}
