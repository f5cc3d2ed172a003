// The periodic tasks for groups: offset syncs, listing of groups, checkpoints, synced group offsets.
import { counted, plural } from '../base/counted.ts'
import type { Logger } from '../base/logger.ts'
import { Admin } from '../kafka/admin.ts'
import { Groups } from '../kafka/groups.ts'
import type { Topology } from '../kafka/topology.ts'
import type { Checkpoint } from '../mirror/checkpoint.ts'
import type { CopiedPartition } from '../mirror/copied-partition.ts'
import { type FlowSettings, translatesGroups } from '../model/flow-settings.ts'
import type { GroupStatus } from '../model/flow-status.ts'
import type { Observer } from '../model/observer.ts'
import type { InternalTopic } from '../records/internal-topic.ts'
import { type ClusterAccess, checkpointsTopic, offsetSyncsTopic } from '../state/internal-topics.ts'
import { throwFirst } from '../tasks/partial.ts'
import { PeriodicTask, RECORDS_FIRST_MS } from '../tasks/periodic-task.ts'
import { type BeyondGroup, beyondFailures, beyondIn } from './commit/beyond-failures.ts'
import { GroupSync, type SyncOutcomes } from './commit/group-sync.ts'
import { TargetEnds } from './target-ends.ts'
import { Checkpoints } from './translation/checkpoints.ts'
import { Locator } from './translation/locator.ts'
import { OffsetSyncs } from './translation/offset-syncs.ts'
import { GroupTranslation, type Translate, translateAsMm2, translateExactly } from './translation/translation.ts'
import { GroupReport } from './visible/group-report.ts'
import { SourceGroups } from './visible/source-groups.ts'

export interface GroupTasksParts {
  readonly settings: FlowSettings
  readonly source: ClusterAccess & { readonly topology: Topology }
  readonly target: ClusterAccess & { readonly topology: Topology }
  readonly copies: () => Iterable<CopiedPartition>
  readonly copyOf: (key: string) => CopiedPartition | undefined
  /** end offset of a source partition, by `topic-partition`; -1 while unknown */
  readonly endOf: (key: string) => number
  readonly observer: Observer
  readonly log: Logger
}

/** How often due offset syncs are written (ms). MM2 writes each at once; syncs that wait replace each other. */
const SYNCS_MS = 500
/** When the first round runs, so that groups are visible within the first minute (ms). */
const FIRST_MS = 3000

export class GroupTasks {
  readonly all: readonly PeriodicTask[]
  readonly #topics: readonly InternalTopic[]
  readonly #parts: GroupTasksParts
  readonly #sourceGroups: SourceGroups
  readonly #translation: GroupTranslation
  readonly #sync: GroupSync
  readonly #locator: Locator | undefined
  readonly #report: GroupReport

  constructor(parts: GroupTasksParts) {
    const { settings, source, target, copies, copyOf, log } = parts
    this.#parts = parts
    const groups = new Groups(source.cluster)
    this.#sourceGroups = new SourceGroups(groups, source.settings, settings, log)
    const targetAdmin = new Admin(target.cluster)
    const newEnds = () => new TargetEnds(targetAdmin)
    this.#sync = new GroupSync({ groups: new Groups(target.cluster), newEnds, repairs: false })
    this.#report = this.#newReport()
    const syncsTopic = offsetSyncsTopic(settings, settings.offsetSyncs.location === 'source' ? source : target)
    const syncs = new OffsetSyncs(syncsTopic, settings, copies)
    const translate: Translate = settings.translation === 'mm2' ? translateAsMm2(syncs.translation) : translateExactly
    if (settings.translation === 'exact') this.#locator = new Locator(parts)
    const { sourceGroups, locator } = { sourceGroups: this.#sourceGroups, locator: this.#locator }
    this.#translation = new GroupTranslation({ settings, sourceGroups, groups, copyOf, translate, locator })
    const checkpoints = checkpointsTopic(settings, target)
    this.#topics = [syncsTopic, checkpoints]
    this.all = [
      ...this.#syncsTask(syncs),
      ...this.#listTask(),
      ...this.#checkpointsTask(new Checkpoints(checkpoints, newEnds)),
      ...this.#groupOffsetsTask(),
    ]
  }

  get groups(): readonly GroupStatus[] {
    return this.#report.groups
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.#topics.map((topic) => topic.close()), this.#locator?.close()])
  }

  #syncsTask(syncs: OffsetSyncs): PeriodicTask[] {
    const { settings, log } = this.#parts
    if (!settings.offsetSyncs.enabled) return []
    const perform = async (_: AbortSignal, isLast: boolean) => {
      const count = await syncs.write(isLast)
      return `${count} written to ${syncs.topic} on cluster ${settings[settings.offsetSyncs.location]}`
    }
    return [
      new PeriodicTask({ name: 'offset-syncs', intervalMs: SYNCS_MS, firstAfterMs: RECORDS_FIRST_MS, perform, log }),
    ]
  }

  #listTask(): PeriodicTask[] {
    const { settings, log } = this.#parts
    const { enabled, intervalMs } = settings.refreshGroups
    if (!enabled || !translatesGroups(settings)) return []
    return [
      new PeriodicTask({
        name: 'groups',
        intervalMs,
        firstAfterMs: RECORDS_FIRST_MS,
        perform: () => this.#sourceGroups.refresh(),
        log,
      }),
    ]
  }

  #checkpointsTask(checkpoints: Checkpoints): PeriodicTask[] {
    const { settings, log } = this.#parts
    const { enabled, intervalMs } = settings.checkpoints
    if (!enabled) return []
    const perform = async () => {
      await checkpoints.ensure()
      let written = 0
      const { groups, failures } = await this.#translation.round(async (some, at) => {
        const emitted = await checkpoints.emit(some, at)
        written += emitted.length
        this.#reportCheckpoints(emitted, Date.now() - at)
        this.#report.translated(some)
      })
      this.#report.keep(groups)
      throwFirst(
        failures,
        `${counted(written, 'checkpoint')} ${plural(written, 'was', 'were')} written, but some groups could not be read`,
      )
      return `${counted(written, 'checkpoint')} written, ${counted(groups.size, 'group')}`
    }
    return [
      new PeriodicTask({ name: 'checkpoints', intervalMs, firstAfterMs: Math.min(FIRST_MS, intervalMs), perform, log }),
    ]
  }

  #reportCheckpoints(written: readonly Checkpoint[], latencyMs: number): void {
    const { settings, observer } = this.#parts
    const { name: flow, source, target } = settings
    for (const { group, topic, partition } of written)
      observer.checkpointed({ flow, source, target, group, topic, partition, latencyMs })
  }

  #groupOffsetsTask(): PeriodicTask[] {
    const { settings, log } = this.#parts
    const { enabled, intervalMs } = settings.syncGroupOffsets
    if (!enabled) return []
    const perform = async () => {
      const round = await this.#sync.begin()
      const counts: Counts = new Map()
      const beyond: BeyondGroup[] = []
      const { groups, failures } = await this.#translation.round(async (some) => {
        const outcomes = await round.sync(some)
        this.#report.synced(some, { outcomes, listed: round.listed })
        count(counts, outcomes)
        beyond.push(...beyondIn(some, outcomes))
      })
      this.#report.keep(groups)
      const said = summary(groups.size, counts)
      throwFirst([...failures, ...round.failures, ...beyondFailures(beyond, settings)], said)
      return said
    }
    return [
      new PeriodicTask({
        name: 'group-offsets',
        intervalMs,
        firstAfterMs: Math.min(FIRST_MS, intervalMs),
        perform,
        log,
      }),
    ]
  }

  #newReport(): GroupReport {
    return new GroupReport({
      source: (group) => this.#sourceGroups.of(group),
      endOf: (key) => {
        const end = this.#parts.endOf(key)
        return end < 0 ? undefined : end
      },
    })
  }
}

/** Number of group partitions by the result of their sync. */
type Counts = Map<string, number>

function count(counts: Counts, outcomes: SyncOutcomes): void {
  for (const partitions of outcomes.values())
    for (const { result } of partitions.values()) counts.set(result, (counts.get(result) ?? 0) + 1)
}

function summary(groups: number, counts: Counts): string {
  const said = [...counts].map(([result, count]) => `${count} ${result}`).join(', ')
  return `${counted(groups, 'group')}: ${said || 'nothing to do'}`
}
