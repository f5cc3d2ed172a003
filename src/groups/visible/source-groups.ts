// The source groups whose offsets a flow translates: listed again at the interval of refresh.groups, selected as MM2 does.
import { counted } from '../../base/counted.ts'
import { expectedFailure, Failure } from '../../base/failure.ts'
import type { Logger } from '../../base/logger.ts'
import type { NamePattern } from '../../base/name-patterns.ts'
import type { ClusterSettings } from '../../kafka/cluster-settings.ts'
import type { Groups, ListedGroup } from '../../kafka/groups.ts'
import { isSelected } from '../../mirror/topic-selection.ts'
import type { FlowSettings } from '../../model/flow-settings.ts'
import { throwFirst } from '../../tasks/partial.ts'
import { warnOfUnmatched } from '../../tasks/unmatched.ts'
import { hiddenGrants, hiddenPatterns, hiddenWords } from './hidden-groups.ts'

/** Protocol types of consumer groups; a group that only commits has an empty one. */
const CONSUMERS = new Set(['consumer', ''])
/** Types of groups that are not consumer groups (KIP-932, KIP-1071). */
const OTHER_KINDS = new Set(['share', 'streams'])

export class SourceGroups {
  readonly #groups: Groups
  readonly #cluster: ClusterSettings
  readonly #settings: FlowSettings
  readonly #log: Logger
  #known: ReadonlyMap<string, ListedGroup> = new Map()
  #others: ReadonlySet<string> = new Set()
  #wasListed = false
  #wasHidden: string | undefined

  /** @param groups of the source @param cluster settings of the source, for the commands in remedies */
  constructor(groups: Groups, cluster: ClusterSettings, settings: FlowSettings, log: Logger) {
    this.#groups = groups
    this.#cluster = cluster
    this.#settings = settings
    this.#log = log
  }

  /** The groups to translate, as last listed. */
  get known(): readonly ListedGroup[] {
    return [...this.#known.values()]
  }

  /** One of them; undefined when it is not among them. */
  of(group: string): ListedGroup | undefined {
    return this.#known.get(group)
  }

  /** Lists the groups if that has not been done yet. @throws Failure when nothing could be listed */
  async ensure(): Promise<void> {
    if (!this.#wasListed) await this.refresh()
  }

  /** Lists the groups again; keeps known groups of brokers that do not answer. @returns a message @throws Failure after keeping what was found */
  async refresh(): Promise<string> {
    const { found, failures } = await this.#groups.list()
    const listed = failures.length > 0 ? new Map([...this.#known, ...found]) : found
    const chosen = [...listed.values()].filter(({ group }) => isSelected(group, this.#settings.groups))
    const known = chosen.filter(({ type, protocolType }) => !OTHER_KINDS.has(type) && CONSUMERS.has(protocolType))
    this.#known = new Map(known.map((group) => [group.group, group]))
    this.#warnOfOthers(chosen.filter(({ type }) => OTHER_KINDS.has(type)))
    if (!this.#wasListed && failures.length === 0) warnOfUnmatched(this.#settings, 'groups', listed.keys(), this.#log)
    this.#wasListed = this.#wasListed || failures.length === 0
    throwFirst(failures, 'some brokers did not list their groups')
    return `${counted(this.#known.size, 'group')} of ${listed.size}${await this.#whatIsHidden(chosen.length, listed)}`
  }

  /** Groups that the user may not describe: a warning, or a failure if no selected group is visible. @throws Failure NOT_AUTHORIZED then */
  async #whatIsHidden(seen: number, listed: ReadonlyMap<string, ListedGroup>): Promise<string> {
    const hidden = await this.#hidden(listed)
    const wasHidden = this.#wasHidden
    this.#wasHidden = hidden.length === 0 ? undefined : hiddenWords(hidden)
    if (this.#wasHidden === undefined) return ''
    const { source } = this.#settings
    const reason = `the user lacks Describe on ${this.#wasHidden}`
    const remedy = hiddenGrants(this.#cluster, hidden)
    if (seen === 0) {
      const sentence = `no group of cluster ${source} is visible: ${reason}, so no offsets are translated`
      throw new Failure('NOT_AUTHORIZED', sentence, { cluster: source, right: 'Describe', remedy })
    }
    if (this.#wasHidden !== wasHidden)
      this.#log.warn('only some of the selected groups are visible', { cluster: source, reason, remedy })
    return `; ${reason}, so others may be missing`
  }

  /** The selected groups that the user may not describe; empty where that cannot be found out. */
  async #hidden(listed: ReadonlyMap<string, ListedGroup>): Promise<NamePattern[]> {
    try {
      return await hiddenPatterns(this.#groups, this.#settings.groups.include, (group) => listed.has(group))
    } catch (error) {
      expectedFailure(error)
      return []
    }
  }

  #warnOfOthers(others: readonly ListedGroup[]): void {
    for (const { group, type } of others) {
      if (this.#others.has(group)) continue
      this.#log.warn('the offsets of this group are not translated: it is not a consumer group', {
        cluster: this.#settings.source,
        group,
        type,
        remedy:
          'let the application finish its work on the source before it moves, then start it on the target as a new group',
      })
    }
    this.#others = new Set(others.map(({ group }) => group))
  }
}
