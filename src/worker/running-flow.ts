// What the worker needs of a flow. The engine's Flow is one; tests hand in scripted ones.
import type { FlowStatus } from '../mirror/flow-status.ts'

export interface RunningFlow {
  start(): void
  status(): FlowStatus
  /** resolves once every partition known at the start has reached the source end seen then or later */
  readonly inSync: Promise<void>
  /** resolves when the flow was drained or closed; rejects with a Failure when it halted for good */
  readonly ended: Promise<void>
  /** Finishes what was accepted and commits positions; gives up after `deadlineMs`. */
  drain(deadlineMs: number): Promise<void>
  /** Drops everything at once. */
  close(): Promise<void>
}
