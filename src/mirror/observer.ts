// What the engine tells whoever watches. Silent by default. Called once per partition and answer, never per record.

export interface Passed {
  readonly flow: string
  readonly source: string
  readonly target: string
  /** name on the target, as MM2's metrics have it */
  readonly topic: string
  readonly partition: number
  readonly records: number
  /** batch bytes as they came from the source */
  readonly bytes: number
  /** greatest record timestamp among them, ms; -1 if unknown */
  readonly timestamp: number
}

export interface Observer {
  /** record batches of one partition came from the source */
  fetched(event: Passed): void
  /** the target acknowledged them */
  acknowledged(event: Passed): void
}

export const silentObserver: Observer = { fetched() {}, acknowledged() {} }
