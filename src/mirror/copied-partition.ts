// How far a partition is copied, for those who translate offsets: the names on both sides, and which offset became which.
import type { OffsetMap } from './offset-map.ts'
import type { SyncEmission } from './sync-emission.ts'

/** A proven triple: all of ours below `sequence` is on the target, it ends before `targetNext`, and came from below `sourceNext`. */
export interface Anchor {
  readonly sourceNext: number
  readonly targetNext: number
  readonly sequence: number
}

/** The names and ids of a topic on both sides. */
export interface TopicNames {
  readonly topic: string
  readonly targetTopic: string
  /** topic ids, '' where a cluster has none */
  readonly sourceId: string
  readonly targetId: string
}

export interface CopiedPartition {
  readonly shared: TopicNames & {
    /** the target stamps records itself (message.timestamp.type=LogAppendTime) */
    readonly targetAppendTime: boolean
  }
  readonly partition: number
  /** `topic-partition`, by the name on the source */
  readonly key: string
  /** the target holds more records of ours than the anchor says, which are still being counted */
  readonly isCounting: boolean
  readonly position: {
    /** undefined: nothing is copied yet */
    readonly anchor: Anchor | undefined
    readonly map: OffsetMap
    /** undefined where MM2's offset syncs are switched off */
    readonly syncs: SyncEmission | undefined
    /** the map has learnt something: it is to be written */
    markDirty(): void
  }
}
