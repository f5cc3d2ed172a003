// One cluster of a flow, and its consumer groups, for the commands about groups and offsets.
import { Failure } from '../base/failure.ts'
import { silentLogger } from '../base/logger.ts'
import { Admin } from '../kafka/admin.ts'
import { Cluster } from '../kafka/cluster.ts'
import type { ClusterSettings } from '../kafka/cluster-settings.ts'
import { Groups, type ListedGroup } from '../kafka/groups.ts'
import { everyGroup, hiddenFailure, hiddenPatterns } from './visible/hidden-groups.ts'

export class ClusterSide implements AsyncDisposable {
  readonly cluster: Cluster
  readonly admin: Admin
  readonly groups: Groups

  #listed: ReadonlySet<string> = new Set()

  constructor(settings: ClusterSettings) {
    this.cluster = new Cluster(settings, silentLogger)
    this.admin = new Admin(this.cluster)
    this.groups = new Groups(this.cluster)
  }

  get alias(): string {
    return this.cluster.alias
  }

  /**
   * Consumer groups of both protocols and groups that only commit, by name in Kafka's order.
   * @throws Failure when any broker does not list its groups: a partial list would look complete
   */
  async consumerGroups(): Promise<Map<string, ListedGroup>> {
    const { found, failures } = await this.groups.list()
    const [failure] = failures
    if (failure) throw failure
    const consumers = [...found.values()].filter(isOfConsumers)
    this.#listed = new Set(found.keys())
    return new Map(consumers.sort((a, b) => (a.group < b.group ? -1 : 1)).map((one) => [one.group, one]))
  }

  /**
   * The failure for groups that `consumerGroups` left out because the user may not describe them; undefined when it sees all.
   * @param include patterns of the groups that matter @throws Failure when no broker answers
   */
  async hidden(include: readonly RegExp[] = everyGroup): Promise<Failure | undefined> {
    const hidden = await hiddenPatterns(this.groups, include, (group) => this.#listed.has(group))
    return hidden.length === 0 ? undefined : hiddenFailure(this.cluster, hidden)
  }

  /** @throws Failure NOT_AUTHORIZED when the user may not describe some of these groups */
  async requireDescribe(groups: readonly string[]): Promise<void> {
    const denied = await this.denied(groups)
    if (denied.length === 0) return
    throw hiddenFailure(
      this.cluster,
      denied.map((name) => ({ name, patternType: 'literal' })),
    )
  }

  /** The groups among these that the user may not describe, whether they exist or not. @throws Failure when no broker answers */
  denied(groups: readonly string[]): Promise<string[]> {
    return this.groups.denied(groups)
  }

  /**
   * Offsets of partitions by `topic-partition`; no entry for those without one.
   * @param at as in Admin.listOffsets, ms since the epoch for a number @throws Failure, also of the first partition whose request failed
   */
  async offsets(
    partitions: readonly { readonly topic: string; readonly partition: number }[],
    at: 'earliest' | 'latest' | number,
  ): Promise<Map<string, number>> {
    const asked = partitions.map(({ topic, partition }) => ({ topic, partition, at }))
    const found = new Map<string, number>()
    for (const [key, one] of await this.admin.listOffsets(asked, 'read_uncommitted')) {
      if (one instanceof Failure) throw one
      if (one.offset >= 0) found.set(key, one.offset)
    }
    return found
  }

  close(): Promise<void> {
    return this.cluster.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

/** As Kafka's tool lists them: without share, streams and Connect groups. */
function isOfConsumers({ type, protocolType }: ListedGroup): boolean {
  return (
    (type === '' || type === 'classic' || type === 'consumer') && (protocolType === '' || protocolType === 'consumer')
  )
}

/** Earlier name of ClusterSide, for `src/preflight/topics.ts`. */
export type { ClusterSide as Side }
