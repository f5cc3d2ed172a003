// Finds target offsets that the offset maps do not have by comparing both logs, and adds them to the maps.
import { Failure, sentenceOf } from '../../base/failure.ts'
import type { Logger } from '../../base/logger.ts'
import { digestOf } from '../../batch/record-digest.ts'
import type { BatchRecord } from '../../batch/records.ts'
import { Admin } from '../../kafka/admin.ts'
import type { Topology } from '../../kafka/topology.ts'
import type { CopiedPartition } from '../../mirror/copied-partition.ts'
import type { Located } from '../../mirror/offset-map.ts'
import type { FlowSettings } from '../../model/flow-settings.ts'
import { BrokerConnections } from '../../records/broker-connections.ts'
import type { ClusterAccess } from '../../state/internal-topics.ts'
import { locate } from './locate.ts'
import { type Log, PartitionLog } from './log-peek.ts'

export interface Wanted {
  readonly copy: CopiedPartition
  readonly upstream: number
}

interface LocatorParts {
  readonly settings: FlowSettings
  readonly source: ClusterAccess & { readonly topology: Topology }
  readonly target: ClusterAccess & { readonly topology: Topology }
  readonly log: Logger
}

/** How long until an offset that was not found is searched for again (ms). */
const AGAIN_MS = 600_000

export class Locator {
  readonly #parts: LocatorParts
  readonly #connections: { readonly source: BrokerConnections; readonly target: BrokerConnections }
  /** offsets that were not found, and until when they are not searched for again (ms since the epoch) */
  readonly #notFoundUntil = new Map<string, number>()

  constructor(parts: LocatorParts) {
    this.#parts = parts
    this.#connections = {
      source: new BrokerConnections(parts.source.settings),
      target: new BrokerConnections(parts.target.settings),
    }
  }

  /**
   * Searches for these offsets, the lowest of each partition first: where nothing shifted after it, that one answers all others.
   * Stops at `until` (ms since the epoch). Never throws: failures are logged and retried later. @returns whether anything was found
   */
  async resolve(wanted: readonly Wanted[], until: number): Promise<boolean> {
    let found = false
    for (const { copy, upstream } of [...wanted].sort((a, b) => a.upstream - b.upstream)) {
      if (Date.now() > until) break
      const located = locateInMap(copy, upstream)
      if (!located || located.kind === 'exact') continue
      const id = `${copy.key} ${upstream}`
      if ((this.#notFoundUntil.get(id) ?? 0) > Date.now()) continue
      if (await this.#resolveOne(copy, upstream, located)) found = true
      else this.#notFoundUntil.set(id, Date.now() + AGAIN_MS)
    }
    return found
  }

  async close(): Promise<void> {
    await Promise.allSettled([this.#connections.source.close(), this.#connections.target.close()])
  }

  async #resolveOne(
    copy: CopiedPartition,
    upstream: number,
    located: Exclude<Located, { kind: 'exact' }>,
  ): Promise<boolean> {
    const { topic, targetTopic, targetAppendTime } = copy.shared
    try {
      const downstream = await locate({
        source: this.#open('source', topic, copy.partition),
        target: this.#open('target', targetTopic, copy.partition),
        upstream,
        before: located.kind === 'between' ? located.before : undefined,
        after: located.after,
        markOf: targetAppendTime ? digestWithoutTime : digestOf,
        withTime: !targetAppendTime,
      })
      if (downstream === undefined) {
        this.#parts.log.warn('no target offset was found for a committed source offset', {
          ...{ topic, partition: copy.partition, offset: upstream },
          remedy: `the target does not have the record, e.g. its retention has deleted it; to set a group at this offset by time: godwit groups reset FILE --cluster ${this.#parts.settings.target} --group GROUP --topic ${targetTopic}:${copy.partition} --to-datetime suggest --execute`,
        })
        return false
      }
      copy.position.map.learn(upstream, downstream)
      copy.position.markDirty()
      return true
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      const reason = sentenceOf(error)
      this.#parts.log.warn('the target offset of a committed source offset could not be searched for', {
        topic,
        partition: copy.partition,
        reason,
      })
      return false
    }
  }

  #open(side: 'source' | 'target', topic: string, partition: number): Log {
    const { settings } = this.#parts
    const { cluster, topology } = this.#parts[side]
    const parts = {
      ...{ cluster: settings[side], admin: new Admin(cluster), topology, connections: this.#connections[side] },
      readCommitted: side === 'source' && settings.isolation === 'read_committed',
    }
    return new PartitionLog(parts, topic, partition)
  }
}

/** What the offset map of a partition knows about a source offset; undefined while copying has not begun. */
export function locateInMap({ position: { anchor, map } }: CopiedPartition, upstream: number): Located | undefined {
  return anchor && map.locate(upstream, { upstream: anchor.sourceNext, downstream: anchor.targetNext })
}

/** For targets with message.timestamp.type=LogAppendTime. */
const digestWithoutTime = (record: BatchRecord) => digestOf({ ...record, timestamp: 0 })
