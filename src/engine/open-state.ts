// Opens what a flow keeps on its target: to work with it, or only to look.
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
import { FlowState } from './flow-state.ts'

export interface StateParts {
  readonly settings: FlowSettings
  readonly target: Cluster
  /** how records on the target are read and written */
  readonly targetCluster: ClusterSettings
  readonly log: Logger
}

/** The state of a flow, not yet loaded. @param use `look`: topics that are missing are empty, and nothing is ever made or written */
export function openFlowState({ settings, target, targetCluster, log }: StateParts, use: 'work' | 'look'): FlowState {
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
  })
  const offsets = new SourceOffsets({
    log: open(offsetStorage.name),
    storage: offsetStorage,
    source: settings.sourceAlias,
    target: settings.target,
    connector: settings.connectorName,
    logger: log,
  })
  const mapsStorage = offsetMapsTopic(source, offsetStorage)
  const maps = new OffsetMaps({ log: open(mapsStorage.name), storage: mapsStorage, logger: log })
  return new FlowState(settings, { positions, offsets, maps }, log)
}
