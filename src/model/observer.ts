// Events of the engine, for metrics. Called once per partition and answer, never per record.
import type { FailureCode } from '../base/failure.ts'

export interface Passed {
  readonly flow: string
  readonly source: string
  readonly target: string
  /** name on the target, as MM2's metrics have it */
  readonly topic: string
  readonly partition: number
  /** number of records; for fetched batches the number of source offsets, since batches are not decoded */
  readonly records: number
  /** batch bytes as they came from the source */
  readonly bytes: number
  /** greatest record timestamp among them, ms; -1 if unknown */
  readonly timestamp: number
}

/** A checkpoint that the target has acknowledged. */
export interface Checkpointed {
  readonly flow: string
  readonly source: string
  readonly target: string
  readonly group: string
  /** name on the target */
  readonly topic: string
  readonly partition: number
  /** from the timestamp of the checkpoint to its acknowledgement, ms */
  readonly latencyMs: number
}

/** A partition that was stopped by a failure. */
export interface Troubled {
  readonly flow: string
  /** name on the target */
  readonly topic: string
  readonly partition: number
  readonly code: FailureCode
}

/** One attempt to write positions and the offsets that follow from them. */
export interface Committed {
  readonly flow: string
  readonly tookMs: number
  readonly isDone: boolean
}

/** An answer of a broker, throttled or not: the averages of Kafka's metrics include both. */
export interface ThrottledAnswer {
  readonly flow: string
  readonly kind: 'producing' | 'fetching'
  /** ms */
  readonly throttleMs: number
}

export interface Observer {
  /** record batches of one partition were fetched from the source */
  fetched(event: Passed): void
  /** the target acknowledged them */
  acknowledged(event: Passed): void
  /** a checkpoint was written */
  checkpointed(event: Checkpointed): void
  /** a partition was stopped; the verdict of the code decides whether it is retried or needs a manual action */
  troubled(event: Troubled): void
  /** positions and offsets were written, or could not be */
  committed(event: Committed): void
  /** a Produce or Fetch request was answered */
  throttled(event: ThrottledAnswer): void
}
