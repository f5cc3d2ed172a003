// Commits offsets that Kafka's clients refuse, with a raw OffsetCommit: negative offsets, groups without a name. Also reads a
// group's committed offsets with leader epochs.
import { silentLogger } from '../../src/base/logger.ts'
import { Cluster } from '../../src/kafka/cluster.ts'
import { type CommittedAt, committedWithEpochs } from '../../src/kafka/group-details.ts'
import { Groups } from '../../src/kafka/groups.ts'

/** A connection to the group coordinators of a cluster, closed at the end of its scope. */
export class RawGroups implements AsyncDisposable {
  readonly #cluster: Cluster
  readonly #groups: Groups

  /** @param bootstrap of a cluster without security */
  constructor(bootstrap: string) {
    const reach = {
      alias: 'raw',
      bootstrapServers: bootstrap.split(','),
      clientId: 'raw',
      protocol: 'PLAINTEXT',
    } as const
    this.#cluster = new Cluster({ ...reach, connectTimeoutMs: 5000, requestTimeoutMs: 20_000 }, silentLogger)
    this.#groups = new Groups(this.#cluster)
  }

  /** @param offsets by `topic-partition` @throws Failure if one is refused */
  async commit(group: string, offsets: Readonly<Record<string, number>>): Promise<void> {
    const { found, failures } = await this.#groups.coordinatorsOf([group])
    const coordinator = found.get(group)
    if (coordinator === undefined) throw failures[0] ?? new Error(`no coordinator of group ${group}`)
    const places = Object.entries(offsets).map(([place, offset]) => {
      const at = place.lastIndexOf('-')
      return { topic: place.slice(0, at), partition: Number(place.slice(at + 1)), offset, metadata: '' }
    })
    const [refused] = (await this.#groups.commitWithRetry(group, coordinator, places)).values()
    if (refused) throw refused
  }

  /** The group's committed offsets; empty if it does not exist. @throws Failure */
  async committed(group: string): Promise<CommittedAt[]> {
    const { found } = await this.#groups.list()
    const listed = found.get(group)
    return listed ? committedWithEpochs(this.#cluster, listed) : []
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#cluster.close()
  }
}
