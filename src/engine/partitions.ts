// The partitions of an active flow: each is created once, with the stored state of an earlier process.
import type { Failure } from '../base/failure.ts'
import { topicPartitionKey } from '../base/topic-partition.ts'
import type { Topology } from '../kafka/topology.ts'
import { SyncEmission } from '../mirror/sync-emission.ts'
import type { FlowSettings } from '../model/flow-settings.ts'
import { PartitionCopy, type TopicCopy } from '../replicate/partition-copy.ts'
import { recreated, renamed } from '../replicate/topic-failures.ts'
import type { StoredProgress } from '../state/stored-progress.ts'
import { nameOfOneOf, type TopicPair } from './target-topics.ts'

interface PartitionsParts {
  readonly settings: FlowSettings
  readonly stored: StoredProgress
  readonly target: Topology
  /** quarantines a partition with a failure */
  readonly quarantine: (copy: PartitionCopy, failure: Failure) => void
}

export class Partitions {
  readonly #parts: PartitionsParts
  readonly #topics = new Map<string, TopicCopy>()
  readonly #copies = new Map<string, PartitionCopy>()
  #opposite: ReadonlySet<bigint> | undefined

  constructor(parts: PartitionsParts) {
    this.#parts = parts
  }

  get all(): Iterable<PartitionCopy> {
    return this.#copies.values()
  }

  get size(): number {
    return this.#copies.size
  }

  /** @param key `topic-partition`, by the name on the source */
  of(key: string): PartitionCopy | undefined {
    return this.#copies.get(key)
  }

  /** Excludes records of these producers, which belong to a flow in the opposite direction. */
  exclude(producers: ReadonlySet<bigint> | undefined): void {
    this.#opposite = producers
    for (const shared of this.#topics.values()) shared.opposite = producers
  }

  /** Creates the new partitions of a topic. @returns those to copy; partitions of a recreated topic are stopped instead */
  add(pair: TopicPair): PartitionCopy[] {
    const shared = this.#sharedOf(pair)
    const { enabled, maxLag } = this.#parts.settings.offsetSyncs
    const added: PartitionCopy[] = []
    for (let partition = 0; partition < pair.partitions; partition++) {
      if (this.#copies.has(topicPartitionKey(pair.topic, partition))) continue
      const copy = new PartitionCopy(shared, partition)
      if (enabled) copy.position.emitSyncs(new SyncEmission(maxLag))
      this.#copies.set(copy.key, copy)
      if (this.#restore(copy)) added.push(copy)
    }
    return added
  }

  #sharedOf({ partitions: _, limits, ...names }: TopicPair): TopicCopy {
    const { maxMessageBytes, targetAppendTime } = limits
    const shared = this.#topics.get(names.topic) ?? {
      ...{ ...names, maxMessageBytes, targetAppendTime, recodeTo: undefined },
      ...{ opposite: this.#opposite, limitsRead: 0 },
    }
    this.#topics.set(names.topic, shared)
    return shared
  }

  #restore(copy: PartitionCopy): boolean {
    const { settings, stored, quarantine } = this.#parts
    const found = stored.restore(copy)
    if (found.kind === 'other-source-topic') quarantine(copy, recreated('source', copy.shared, settings))
    else if (found.kind === 'other-target-topic') quarantine(copy, this.#otherTarget(copy))
    else {
      if (found.map) copy.position.useMap(found.map)
      if (found.kind === 'restored') copy.restore(found.anchor, found.producer)
      return true
    }
    return false
  }

  /** Topic ids are never reused: if a topic with the stored id exists, it was renamed. */
  #otherTarget(copy: PartitionCopy): Failure {
    const { settings, stored, target } = this.#parts
    const was = target.current && nameOfOneOf(stored.targetIdsOf(copy.shared.topic, [copy.partition]), target.current)
    if (was !== undefined) return renamed(copy.shared, was, settings)
    return recreated('target', copy.shared, settings)
  }
}
