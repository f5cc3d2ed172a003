// A partition whose offsets a command translates: its stored position and map, completed from both logs.
import { topicPartitionKey } from '../../base/topic-partition.ts'
import type { Anchor, CopiedPartition } from '../../mirror/copied-partition.ts'
import { OffsetMap } from '../../mirror/offset-map.ts'
import type { Restored } from '../../state/stored-progress.ts'

export class LookedUpPartition implements CopiedPartition {
  readonly shared: CopiedPartition['shared']
  readonly partition: number
  readonly key: string
  readonly isCounting = false
  readonly position: { anchor: Anchor | undefined; map: OffsetMap; syncs: undefined; markDirty(): void }

  constructor(shared: CopiedPartition['shared'], partition: number) {
    this.shared = shared
    this.partition = partition
    this.key = topicPartitionKey(shared.topic, partition)
    // Nothing is written: new entries serve this command only.
    this.position = { anchor: undefined, map: new OffsetMap(), syncs: undefined, markDirty: () => {} }
  }

  /** Takes the stored position and map. @returns why offsets cannot be translated; undefined when they can */
  restore(restored: Restored): string | undefined {
    if (restored.kind === 'other-source-topic') return 'its topic was recreated on the source'
    if (restored.kind === 'other-target-topic') return 'its topic was recreated on the target'
    if (restored.map) this.position.map = restored.map
    if (restored.kind === 'restored') this.position.anchor = restored.anchor
    return undefined
  }

  /** Everything below these offsets is copied. */
  moveTo(upstream: number, downstream: number): void {
    this.position.anchor = { sourceNext: upstream, targetNext: downstream, sequence: 0 }
  }
}
