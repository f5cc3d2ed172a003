// Opens what a flow keeps on its target: to work with it, or only to look.
import type { Failure } from '../base/failure.ts'
import type { Logger } from '../base/logger.ts'
import { Admin } from '../kafka/admin.ts'
import type { Cluster } from '../kafka/cluster.ts'
import type { ClusterSettings } from '../kafka/cluster-settings.ts'
import type { FlowSettings } from '../mirror/flow-settings.ts'
import { OffsetMaps, offsetMapsTopic } from '../state/offset-maps.ts'
import { Positions, positionsTopic } from '../state/positions.ts'
import { ReadOnlyLog } from '../state/read-only-log.ts'
import { SourceOffsets } from '../state/source-offsets.ts'
import { TopicRecordLog } from '../state/topic-record-log.ts'
import { FlowState, type Kept } from './flow-state.ts'

export interface StateParts {
  readonly settings: FlowSettings
  readonly target: Cluster
  /** how records on the target are read and written */
  readonly targetCluster: ClusterSettings
  readonly log: Logger
}

/** The state of a flow, not yet loaded. @param use `look`: topics that are missing are empty, and nothing is ever made or written */
export function openFlowState(parts: StateParts, use: 'work' | 'look'): FlowState {
  return new FlowState(parts.settings, openKept(parts, use), parts.log)
}

/**
 * The topics that the state of a flow lies in, not yet loaded.
 * @param onUnreadable hears of records that cannot be read; without it loading fails with them
 */
export function openKept(
  { settings, target, targetCluster, log }: StateParts,
  use: 'work' | 'look',
  onUnreadable?: (failure: Failure) => void,
): Kept {
  const { source, offsetStorage } = settings
  const admin = new Admin(target)
  const open = (topic: string) => {
    const records = new TopicRecordLog({ topic, cluster: target, admin, settings: targetCluster })
    return use === 'look' ? new ReadOnlyLog(records) : records
  }
  const positionsStorage = positionsTopic(source, offsetStorage)
  const positions = new Positions({
    log: open(positionsStorage.name),
    storage: positionsStorage,
    target: settings.target,
    ...(onUnreadable && { onUnreadable }),
  })
  const offsets = new SourceOffsets({
    log: open(offsetStorage.name),
    storage: offsetStorage,
    source,
    target: settings.target,
    connector: settings.connectorName,
    logger: log,
    ...(onUnreadable && { onUnreadable }),
  })
  const mapsStorage = offsetMapsTopic(source, offsetStorage)
  const maps = new OffsetMaps({ log: open(mapsStorage.name), storage: mapsStorage, logger: log })
  return { positions, offsets, maps }
}
