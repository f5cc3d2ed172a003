// The interface of a flow for the worker, implemented by the engine's flows and by scripted flows in tests.
import type { ConnectorName, FlowStatus, Halt } from '../model/flow-status.ts'
import type { PositionsReset } from '../model/positions-reset.ts'

/** Control of a running flow by an operator, in terms of MM2's connectors. */
export interface ConnectorControl {
  /** Finishes started work of this connector, and starts no more until `resume` or the end of the process. */
  halt(connector: ConnectorName, how: Halt): void
  resume(connector: ConnectorName): void
  /** Runs immediately what is waiting for a retry or for its interval. */
  restart(connector: ConnectorName): void
  /**
   * Deletes or changes positions of partitions, while the other partitions are copied.
   * @throws Failure STANDBY when this process does not currently run the flow; failures of the target
   */
  resetPositions(reset: PositionsReset): Promise<void>
}

export interface RunningFlow extends ConnectorControl {
  start(): void
  /** @param since ms since the epoch: values based on an earlier listing of the source are unknown */
  status(since?: number): FlowStatus
  /** time of the source listing that the status is based on, ms since the epoch; 0: not listed yet */
  readonly asOf: number
  /** Lists the source again, and updates the status. Never rejects. */
  check(): Promise<void>
  /** resolves when the flow was drained or closed; rejects with a Failure when it failed permanently */
  readonly ended: Promise<void>
  /** Finishes accepted records and commits positions; gives up after `deadlineMs`. */
  drain(deadlineMs: number): Promise<void>
  /** Stops immediately, without finishing accepted records. */
  close(): Promise<void>
}
