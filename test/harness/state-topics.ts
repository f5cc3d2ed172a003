// Opens godwit's state on a test cluster, as a flow A->B does.
import type { Logger } from '../../src/base/logger.ts'
import { silentLogger } from '../../src/base/logger.ts'
import { Admin } from '../../src/kafka/admin.ts'
import { Cluster } from '../../src/kafka/cluster.ts'
import type { ClusterSettings } from '../../src/kafka/cluster-settings.ts'
import type { StorageTopic } from '../../src/model/flow-settings.ts'
import { TopicRecordLog } from '../../src/records/topic-record-log.ts'
import { Positions, positionsTopic } from '../../src/state/positions.ts'
import { SourceOffsets } from '../../src/state/source-offsets.ts'
import type { TestCluster } from './cluster.ts'

/** Connections to the state topics of one cluster, closed at the end of their scope. */
export class StateTopics implements AsyncDisposable {
  readonly admin: Admin
  readonly #settings: ClusterSettings
  readonly #cluster: Cluster
  readonly #opened: { close(): Promise<void> }[] = []

  constructor(cluster: Pick<TestCluster, 'bootstrap'>, log: Logger = silentLogger) {
    this.#settings = {
      alias: 'B',
      bootstrapServers: cluster.bootstrap.split(','),
      clientId: 'state-test',
      protocol: 'PLAINTEXT',
      connectTimeoutMs: 2000,
      requestTimeoutMs: 10_000,
    }
    this.#cluster = new Cluster(this.#settings, log)
    this.admin = new Admin(this.#cluster)
  }

  /** Reader and writer of one state topic. */
  log(topic: string): TopicRecordLog {
    const log = new TopicRecordLog({ topic, cluster: this.#cluster, admin: this.admin, settings: this.#settings })
    this.#opened.push(log)
    return log
  }

  /** The offsets topic, which MirrorMaker 2 uses too. */
  offsets(storage: StorageTopic): SourceOffsets {
    return new SourceOffsets({
      file: 'mm2.properties',
      log: this.log(storage.name),
      storage,
      source: 'A',
      target: 'B',
      logger: silentLogger,
    })
  }

  /** The positions topic of godwit. */
  positions(offsetStorage: StorageTopic): Positions {
    const storage = positionsTopic('A', offsetStorage)
    return new Positions({ file: 'mm2.properties', log: this.log(storage.name), storage, target: 'B' })
  }

  /** The configs of a topic that differ from the broker's defaults. */
  async configs(topic: string): Promise<Record<string, string | null>> {
    const entries = (await this.admin.describeTopicConfigs([topic])).get(topic)
    if (!Array.isArray(entries)) throw entries ?? new Error(`no configs of ${topic}`)
    return Object.fromEntries(entries.filter((e) => !e.isDefault).map(({ name, value }) => [name, value]))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const log of this.#opened) await log.close()
    await this.#cluster.close()
  }
}
