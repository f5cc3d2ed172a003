// What translating offsets needs of a partition: its names on both clusters, how far it is copied, and its offset map.
import type { OffsetMap } from './offset-map.ts'
import type { SyncEmission } from './sync-emission.ts'

/** A proven triple: godwit's records below `sequence` are on the target below `targetNext`, copied from source offsets below `sourceNext`. */
export interface Anchor {
  readonly sourceNext: number
  readonly targetNext: number
  readonly sequence: number
}

/** Names and ids of a topic on both clusters. */
export interface TopicNames {
  readonly topic: string
  readonly targetTopic: string
  /** topic ids, '' where a cluster has none */
  readonly sourceId: string
  readonly targetId: string
}

export interface CopiedPartition {
  readonly shared: TopicNames & {
    /** the target topic has message.timestamp.type=LogAppendTime */
    readonly targetAppendTime: boolean
  }
  readonly partition: number
  /** `topic-partition`, by the name on the source */
  readonly key: string
  /** the target has more of godwit's records than the anchor, which are still being counted */
  readonly isCounting: boolean
  readonly position: {
    /** undefined while nothing is copied */
    readonly anchor: Anchor | undefined
    readonly map: OffsetMap
    /** undefined where MM2's offset syncs are switched off */
    readonly syncs: SyncEmission | undefined
    /** marks a changed map to be written */
    markDirty(): void
  }
}
