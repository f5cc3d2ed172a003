// What the worker needs of a flow. The engine's Flow is one; tests hand in scripted ones.

import type { ConnectorName, FlowStatus, Halt } from '../model/flow-status.ts'
import type { PositionsReset } from '../model/positions-reset.ts'

/** What a person may do to a flow at work, in the terms of the connectors MM2 makes of it. */
export interface ConnectorControl {
  /** No more work of this connector until `resume` or the end of the process; what was begun is finished. */
  halt(connector: ConnectorName, how: Halt): void
  resume(connector: ConnectorName): void
  /** Tries at once what waits for its time. */
  restart(connector: ConnectorName): void
  /**
   * Forgets positions, or has partitions go on elsewhere, while everything else goes on.
   * @throws Failure STANDBY when this process does not work on the flow just now; of the target
   */
  resetPositions(reset: PositionsReset): Promise<void>
}

export interface RunningFlow extends ConnectorControl {
  start(): void
  /** @param since ms since the epoch: figures that rest on an earlier listing of the source are given as unknown */
  status(since?: number): FlowStatus
  /** when the source was listed on which the status rests, ms since the epoch; 0: not yet */
  readonly asOf: number
  /** makes a check of what has arrived that begins after this call; the status tells what it found. Never rejects */
  check(): Promise<void>
  /** resolves when the flow was drained or closed; rejects with a Failure when it halted for good */
  readonly ended: Promise<void>
  /** Finishes what was accepted and commits positions; gives up after `deadlineMs`. */
  drain(deadlineMs: number): Promise<void>
  /** Drops everything at once. */
  close(): Promise<void>
}
