// Keeps memory for partitions that make progress: when no frame is free for some time, queued batches for a stuck target broker
// are dropped (they can be fetched again), and their partitions are not fetched for a while.

import type { PartitionCopy } from '../partition-copy.ts'
import type { FramePool } from './frames.ts'

/** How long a frame must have been wanted before batches are dropped (ms). */
const STARVING_MS = 500
/** A sink is stuck if its oldest request is this old (ms). */
const STUCK_MS = 1000

interface MemoryPressurePort {
  /** since when the sink of this partition has waited for its oldest answer, ms since the epoch; 0 if it does not wait */
  stuckSince(copy: PartitionCopy): number
  /** whether the partition may be fetched has changed */
  touch(copy: PartitionCopy): void
}

export class MemoryPressure {
  readonly #frames: FramePool
  readonly #port: MemoryPressurePort
  readonly #held = new Set<PartitionCopy>()
  #starvingSince = 0

  constructor(frames: FramePool, port: MemoryPressurePort) {
    this.#frames = frames
    this.#port = port
  }

  /** Called at intervals. @param now ms since the epoch */
  tick(copies: Iterable<PartitionCopy>, now: number): void {
    this.#letGo(now)
    if (!this.#frames.starving) {
      this.#starvingSince = 0
      return
    }
    if (this.#starvingSince === 0) this.#starvingSince = now
    if (now - this.#starvingSince >= STARVING_MS) for (const copy of copies) this.#hold(copy, now)
  }

  #hold(copy: PartitionCopy, now: number): void {
    const since = this.#port.stuckSince(copy)
    if (copy.queue.segments.length === 0 || since === 0 || now - since <= STUCK_MS) return
    copy.dropQueue()
    copy.source.hold(now + STUCK_MS)
    this.#held.add(copy)
    this.#port.touch(copy)
  }

  #letGo(now: number): void {
    for (const copy of this.#held) {
      if (copy.source.heldUntil > now) continue
      this.#held.delete(copy)
      this.#port.touch(copy)
    }
  }
}
