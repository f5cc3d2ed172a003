// Other godwit flows between the same two clusters, recognised by cluster ids: a flow in the opposite direction, whose records must not be
// copied back, and the same flow under another alias, whose topics must not be copied a second time.
import { counted } from '../../base/counted.ts'
import { Failure, sentenceOf } from '../../base/failure.ts'
import type { Logger } from '../../base/logger.ts'
import { sleep } from '../../base/retry.ts'
import { Admin } from '../../kafka/admin.ts'
import type { Cluster, ClusterMetadata } from '../../kafka/cluster.ts'
import type { ClusterSettings } from '../../kafka/cluster-settings.ts'
import type { FlowSettings } from '../../model/flow-settings.ts'
import { ReadOnlyLog } from '../../records/read-only-log.ts'
import { TopicRecordLog } from '../../records/topic-record-log.ts'
import { type FlowRecord, isFlowRecordKey, parseFlowRecord } from '../../state/offset-map-record.ts'
import { offsetMapsTopic } from '../../state/offset-maps.ts'
import { Positions, positionsTopic } from '../../state/positions.ts'

/** How often to look for a flow in the opposite direction (ms). */
const LOOK_MS = 5000

interface OtherFlowsParts {
  readonly settings: FlowSettings
  readonly source: Cluster
  readonly target: Cluster
  readonly sourceCluster: ClusterSettings
  readonly targetCluster: ClusterSettings
  readonly log: Logger
}

/** Cluster ids, '' while unknown. */
export interface Ends {
  readonly sourceClusterId: string
  readonly targetClusterId: string
}

export class OtherFlows {
  readonly #parts: OtherFlowsParts

  constructor(parts: OtherFlowsParts) {
    this.#parts = parts
  }

  /** Calls `look` at intervals until the signal is aborted, unless loops are impossible or allowed. */
  async watchOpposite(look: () => Promise<unknown>, signal: AbortSignal): Promise<void> {
    if (!this.#mayLoop) return
    while (!signal.aborted) {
      await sleep(LOOK_MS, signal)
      if (!signal.aborted) await look()
    }
  }

  /**
   * Producer ids of flows from our target to our source that keep topic names too. Never throws.
   * @param here the last metadata of the source
   */
  async lookOpposite(ends: Ends, here: ClusterMetadata | undefined): Promise<bigint[]> {
    if (!this.#mayLoop) return []
    try {
      const records = await this.#opposite(ends, here)
      return records.flatMap(({ producerIds }) => producerIds.map(BigInt))
    } catch (error) {
      this.#parts.log.debug('flows in the opposite direction could not be looked up', { reason: sentenceOf(error) })
      return []
    }
  }

  get #mayLoop(): boolean {
    const { policy, allowLoops } = this.#parts.settings
    return policy.kind === 'identity' && !allowLoops
  }

  async #opposite(ends: Ends, here: ClusterMetadata | undefined): Promise<FlowRecord[]> {
    const { source, sourceCluster, settings } = this.#parts
    // The topic of the usual alias may have been created since the last listing.
    const usual = mapsOf(settings.target, settings)
    const now = await source.metadata([usual])
    const known = [...(here?.topics.keys() ?? [])].filter(isMaps)
    const names = new Set([...known, ...(now.topics.get(usual)?.partitions.length ? [usual] : [])])
    const records = await Promise.all([...names].map((name) => readFlow(name, source, sourceCluster)))
    return records.filter(
      (record) =>
        record?.keepsNames &&
        record.sourceClusterId === ends.targetClusterId &&
        record.targetClusterId === ends.sourceClusterId,
    ) as FlowRecord[]
  }

  /**
   * Refuses to copy topics that the target already has from the same source cluster under another alias.
   * @param topics source topics of the flow without a stored position
   * @throws Failure CONFIG_INVALID with the alias and the remedy
   */
  async refuseRenamedAlias(ends: Ends, there: ClusterMetadata, topics: readonly string[]): Promise<void> {
    const { settings, target, targetCluster } = this.#parts
    if (settings.policy.kind !== 'identity' || settings.allowRecopy || topics.length === 0) return
    const own = mapsOf(settings.source, settings)
    for (const name of [...there.topics.keys()].filter((one) => isMaps(one) && one !== own)) {
      const record = await readFlow(name, target, targetCluster).catch(() => undefined)
      const isSame =
        record?.keepsNames &&
        record.sourceClusterId === ends.sourceClusterId &&
        record.targetClusterId === ends.targetClusterId
      if (!isSame) continue
      const copied = await this.#topicsOf(record.source)
      const again = topics.filter((topic) => copied.has(topic))
      if (again.length > 0) throw this.#renamed(record.source, again)
    }
  }

  /** Source topics that a flow with this source alias has positions for. */
  async #topicsOf(source: string): Promise<ReadonlySet<string>> {
    const { settings, target, targetCluster } = this.#parts
    const storage = positionsTopic(source, settings.offsetStorage)
    const log = open(storage.name, target, targetCluster)
    try {
      const positions = new Positions({ log, storage, target: settings.target, file: settings.file })
      await positions.load()
      return positions.topics
    } finally {
      await log.close()
    }
  }

  #renamed(was: string, topics: readonly string[]): Failure {
    const { source, target, name } = this.#parts.settings
    const list = topics.slice(0, 3).join(', ') + (topics.length > 3 ? ', ...' : '')
    const sentence = `flow ${name} would copy ${counted(topics.length, 'topic')} (${list}) a second time: cluster ${target} holds them from the same source cluster under the alias ${was}`
    const remedy = `write ${was} instead of ${source} everywhere in the file, and the flow goes on where it was; to copy everything again on purpose write ${name}.godwit.allow.recopy = true`
    return new Failure('CONFIG_INVALID', sentence, { cluster: target, flow: name, remedy })
  }
}

const mapsOf = (source: string, { offsetStorage }: FlowSettings) => offsetMapsTopic(source, offsetStorage).name
const isMaps = (topic: string) => /^mm2-godwit-offset-map\..*\.internal$/.test(topic)

function open(topic: string, cluster: Cluster, settings: ClusterSettings): ReadOnlyLog {
  return new ReadOnlyLog(new TopicRecordLog({ topic, cluster, admin: new Admin(cluster), settings }))
}

async function readFlow(topic: string, cluster: Cluster, settings: ClusterSettings): Promise<FlowRecord | undefined> {
  const log = open(topic, cluster, settings)
  let found: FlowRecord | undefined
  try {
    await log.readAll(({ key, value }) => {
      if (value && isFlowRecordKey(key)) found = parseFlowRecord(value)
    })
  } finally {
    await log.close()
  }
  return found
}
