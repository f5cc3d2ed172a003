// Heartbeats: a record at each interval shows that this flow is alive and can write to its target. The source is not used. A flow
// that copies the target's topics copies the heartbeats too.
import type { Logger } from '../../base/logger.ts'
import { encodeHeartbeat } from '../../mirror/heartbeat.ts'
import type { FlowSettings } from '../../model/flow-settings.ts'
import type { InternalTopic } from '../../records/internal-topic.ts'
import { PeriodicTask, RECORDS_FIRST_MS } from '../../tasks/periodic-task.ts'

/** The periodic task as MM2's MirrorHeartbeatTask does it. */
export function heartbeatsTask(settings: FlowSettings, topic: InternalTopic, log: Logger): PeriodicTask {
  const { sourceAlias, targetAlias, target, heartbeats } = settings
  return new PeriodicTask({
    name: 'heartbeats',
    intervalMs: heartbeats.intervalMs,
    firstAfterMs: Math.min(heartbeats.intervalMs, RECORDS_FIRST_MS),
    perform: async () => {
      const timestamp = Date.now()
      const beat = { sourceClusterAlias: sourceAlias, targetClusterAlias: targetAlias, timestamp }
      await topic.append([encodeHeartbeat(beat)], timestamp)
      return `written to ${topic.name} on cluster ${target}`
    },
    log,
  })
}
