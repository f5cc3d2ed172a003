// The groups of the source whose offsets a flow translates: found anew at the interval of refresh.groups, chosen as MM2 chooses.
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

/** Protocol types of consumers; a group that only ever committed has none. */
const CONSUMERS = new Set(['consumer', ''])
/** Kinds of groups whose positions are no committed offsets of a consumer (KIP-932, KIP-1071). */
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

  /** @param groups of the source @param cluster how the source is reached, for the commands in remedies */
  constructor(groups: Groups, cluster: ClusterSettings, settings: FlowSettings, log: Logger) {
    this.#groups = groups
    this.#cluster = cluster
    this.#settings = settings
    this.#log = log
  }

  /** Groups to translate, as last found. */
  get known(): readonly ListedGroup[] {
    return [...this.#known.values()]
  }

  /** One of them, as last found. */
  of(group: string): ListedGroup | undefined {
    return this.#known.get(group)
  }

  /** Looks again unless it was done already. @throws Failure when nothing could be listed */
  async ensure(): Promise<void> {
    if (!this.#wasListed) await this.refresh()
  }

  /** Looks again; gives a sentence. Groups of brokers that do not answer stay as they were known. @throws Failure, having kept what was found */
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

  /** A list that lacks what the user may not see is no failure unless nothing is left of it. @throws Failure NOT_AUTHORIZED then */
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

  /** What of the selected groups the user may not see; nothing where that cannot be found out. */
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
