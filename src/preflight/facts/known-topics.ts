// Which topics of the target somebody has copied to before, godwit or MirrorMaker 2, by what they have noted there.
import { Failure } from '../../base/failure.ts'
import { Admin } from '../../kafka/admin.ts'
import type { Cluster } from '../../kafka/cluster.ts'
import type { ClusterSettings } from '../../kafka/cluster-settings.ts'
import { parseSourceKey } from '../../mirror/connect-offset.ts'
import type { LogRecord } from '../../records/record-log.ts'
import { TopicRecordLog } from '../../records/topic-record-log.ts'
import { parsePositionKey } from '../../state/position-record.ts'
import { positionsTopic } from '../../state/positions.ts'
import type { Basics } from '../basics.ts'

/** Names on the target. @throws Failure where the notes may not be read */
export async function knownTopics(
  cluster: Cluster,
  settings: ClusterSettings,
  { settings: flow, policy, target }: Basics,
): Promise<ReadonlySet<string>> {
  const known = new Set<string>()
  const note = (topic: string | undefined) => {
    if (topic !== undefined) known.add(policy.formatRemoteTopic(flow.sourceAlias, topic))
  }
  const logs: readonly (readonly [topic: string, read: (record: LogRecord) => void])[] = [
    [positionsTopic(flow.source, flow.offsetStorage).name, ({ key }) => note(parsePositionKey(key)?.topic)],
    [flow.offsetStorage.name, ({ key }) => note(mirrored(key, flow.sourceAlias))],
  ]
  for (const [topic, read] of logs) {
    if (!target?.topics.has(topic)) continue
    const log = new TopicRecordLog({ topic, cluster, admin: new Admin(cluster), settings })
    try {
      await log.readAll(read)
    } catch (error) {
      if (!(error instanceof Failure) || error.code !== 'UNKNOWN_TOPIC') throw error
    } finally {
      await log.close()
    }
  }
  return known
}

function mirrored(key: Buffer | null, source: string): string | undefined {
  const parsed = parseSourceKey(key)
  return parsed.kind === 'source' && parsed.cluster === source ? parsed.topic : undefined
}
