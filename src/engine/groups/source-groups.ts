// The groups of the source whose offsets a flow translates: found anew at the interval of refresh.groups, chosen as MM2 chooses.
import { counted } from '../../base/counted.ts'
import type { Logger } from '../../base/logger.ts'
import type { Groups, ListedGroup } from '../../kafka/groups.ts'
import { isSelected } from '../../mirror/topic-selection.ts'
import type { FlowSettings } from '../../model/flow-settings.ts'
import { throwFirst } from '../tasks/partial.ts'
import { warnOfUnmatched } from '../tasks/unmatched.ts'
import { groupsHidden } from './hidden-groups.ts'

/** Protocol types of consumers; a group that only ever committed has none. */
const CONSUMERS = new Set(['consumer', ''])
/** Kinds of groups whose positions are no committed offsets of a consumer (KIP-932, KIP-1071). */
const OTHER_KINDS = new Set(['share', 'streams'])

export class SourceGroups {
  readonly #groups: Groups
  readonly #hidden: () => Promise<string | undefined>
  readonly #settings: FlowSettings
  readonly #log: Logger
  #known: ReadonlyMap<string, ListedGroup> = new Map()
  #others: ReadonlySet<string> = new Set()
  #wasListed = false
  #wasHidden: string | undefined

  /** @param hidden what of the selected groups the user may not see, as `hiddenGroups` tells it */
  constructor(groups: Groups, settings: FlowSettings, log: Logger, hidden: () => Promise<string | undefined>) {
    this.#groups = groups
    this.#hidden = hidden
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
    this.#sayOthers(chosen.filter(({ type }) => OTHER_KINDS.has(type)))
    if (!this.#wasListed && failures.length === 0) warnOfUnmatched(this.#settings, 'groups', listed.keys(), this.#log)
    this.#wasListed = this.#wasListed || failures.length === 0
    throwFirst(failures, 'groups could not be listed everywhere')
    return `${counted(this.#known.size, 'group')} of ${listed.size}${await this.#whatIsHidden(chosen.length)}`
  }

  /** A list that lacks what the user may not see is no failure unless nothing is left of it. @throws Failure NOT_AUTHORIZED then */
  async #whatIsHidden(seen: number): Promise<string> {
    const hidden = await this.#hidden()
    if (hidden !== undefined && seen === 0) throw groupsHidden(this.#settings, hidden)
    if (hidden !== undefined && hidden !== this.#wasHidden) {
      const reason = `the user of this connection lacks Describe on ${hidden}`
      const { remedy } = groupsHidden(this.#settings, hidden)
      this.#log.warn('only some of the selected groups may be seen', { cluster: this.#settings.source, reason, remedy })
    }
    this.#wasHidden = hidden
    return hidden === undefined ? '' : `; the user lacks Describe on ${hidden}, so others may be missing`
  }

  #sayOthers(others: readonly ListedGroup[]): void {
    for (const { group, type } of others) {
      if (this.#others.has(group)) continue
      this.#log.warn('the positions of this group are not translated: they are no committed offsets of a consumer', {
        cluster: this.#settings.source,
        group,
        type,
        remedy: 'let the application end its work on the source before it moves, and begin on the target as new',
      })
    }
    this.#others = new Set(others.map(({ group }) => group))
  }
}
