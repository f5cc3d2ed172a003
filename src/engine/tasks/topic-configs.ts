// The periodic task that syncs configs of target topics with the source. Same result as MM2, but sends only the differences.
import { lengthenedLine } from '../../base/config-command.ts'
import { counted } from '../../base/counted.ts'
import { Failure } from '../../base/failure.ts'
import type { Logger } from '../../base/logger.ts'
import type { Admin, ConfigEntry as DescribedEntry, Outcomes } from '../../kafka/admin.ts'
import { errorCodes } from '../../kafka/wire-errors.ts'
import {
  type ConfigChange,
  configsAfter,
  hasOrigins,
  type MirrorConfigEntry,
  missingChanges,
  targetConfigChanges,
} from '../../mirror/topic-configs.ts'
import type { FlowSettings } from '../../model/flow-settings.ts'
import { PeriodicTask, RECORDS_FIRST_MS } from '../../tasks/periodic-task.ts'
import { fromDescribedConfig, type TopicPair } from '../target-topics.ts'
import { originsUnknown, refusedConfigs, summary, valueNotReturned, withRemedy } from './config-failures.ts'

type Pair = Pick<TopicPair, 'topic' | 'targetTopic'>

interface TopicConfigsParts {
  readonly settings: FlowSettings
  readonly sourceAdmin: Pick<Admin, 'describeTopicConfigs'>
  readonly targetAdmin: Pick<Admin, 'describeTopicConfigs' | 'incrementalAlterConfigs' | 'replaceConfigs'>
  /** the topics that are replicated and exist on the target */
  readonly pairs: () => readonly Pair[]
  readonly log: Logger
}

/** The changes that one topic needs, without refused ones. */
interface Plan extends Pair {
  readonly changes: readonly ConfigChange[]
  /** as the target describes the topic */
  readonly there: readonly MirrorConfigEntry[]
  readonly refused: readonly { readonly name: string; readonly failure: Failure }[]
}

/** Topics per round: limits memory, and how long comparing configs blocks the copying of records. */
const PAIRS_AT_A_TIME = 100

/** The periodic task, or none where sync.topic.configs.enabled is off. The first run begins at once, as MM2's does. */
export function topicConfigsTask(parts: TopicConfigsParts): PeriodicTask[] {
  const { enabled, intervalMs } = parts.settings.syncTopicConfigs
  if (!enabled) return []
  const known = new Map<string, string>()
  const perform = (signal: AbortSignal) => new ConfigSync(parts, known).run(signal)
  return [
    new PeriodicTask({ name: 'topic-configs', intervalMs, firstAfterMs: RECORDS_FIRST_MS, perform, log: parts.log }),
  ]
}

/** One run over all topics. */
class ConfigSync {
  readonly #parts: TopicConfigsParts
  /** topic -> the message last logged about it, over all runs */
  readonly #logged: Map<string, string>
  readonly #problems = new Map<string, Failure>()
  /** topics with refused configs, and the names of all refused configs: one line of the file has to exclude all of them */
  readonly #refusing = new Set<string>()
  readonly #refusedNames = new Set<string>()
  #compared = 0
  #altered = 0
  #set = 0
  #removed = 0

  constructor(parts: TopicConfigsParts, logged: Map<string, string>) {
    this.#parts = parts
    this.#logged = logged
  }

  /** One run. @returns a message @throws Failure naming the first topics that failed, after all others were done; or of a cluster */
  async run(signal: AbortSignal): Promise<string> {
    const pairs = this.#parts.pairs()
    for (let i = 0; i < pairs.length && !signal.aborted; i += PAIRS_AT_A_TIME)
      await this.#sync(pairs.slice(i, i + PAIRS_AT_A_TIME))
    this.#nameRefused()
    this.#logProblems()
    if (this.#problems.size > 0) throw summary(this.#problems, pairs.length)
    return `${counted(this.#compared, 'topic')} compared, ${this.#altered} altered: ${counted(this.#set, 'config')} set, ${this.#removed} removed`
  }

  async #sync(pairs: readonly Pair[]): Promise<void> {
    const { sourceAdmin, targetAdmin } = this.#parts
    const [here, there] = await Promise.all([
      sourceAdmin.describeTopicConfigs(pairs.map((pair) => pair.topic)),
      targetAdmin.describeTopicConfigs(pairs.map((pair) => pair.targetTopic)),
    ])
    let plans = pairs.flatMap((pair) => this.#plan(pair, here.get(pair.topic), there.get(pair.targetTopic)))
    // Refused configs are left out and the rest is sent again: fewer changes each time, so this ends.
    while (plans.length > 0) {
      const outcomes = await this.#alter(plans)
      plans = plans.flatMap((plan) => this.#settle(plan, outcomes.get(plan.targetTopic)))
    }
  }

  #plan(pair: Pair, here: DescribedEntry[] | Failure | undefined, there: typeof here): Plan[] {
    const { source, target, configProperties } = this.#parts.settings
    const [mine, theirs] = [
      readable(here, { cluster: source, topic: pair.topic }),
      readable(there, { cluster: target, topic: pair.targetTopic }),
    ]
    // AlterConfigs includes DescribeConfigs, so the named permission is enough.
    if (mine instanceof Failure) return this.#failed(pair, withRemedy(mine, 'DescribeConfigs'))
    if (theirs instanceof Failure) return this.#failed(pair, withRemedy(theirs, 'AlterConfigs'))
    this.#compared++
    const changes = missingChanges(targetConfigChanges(mine, configProperties), theirs)
    return changes.length === 0 ? [] : [{ ...pair, changes, there: theirs, refused: [] }]
  }

  /** Records the failure of a topic; a topic that was deleted meanwhile is not a failure. */
  #failed({ topic }: Pair, failure: Failure): [] {
    if (failure.circumstances.wireCode !== errorCodes.UNKNOWN_TOPIC_OR_PARTITION) this.#problems.set(topic, failure)
    return []
  }

  async #alter(plans: readonly Plan[]): Promise<Outcomes> {
    const { settings, targetAdmin, log } = this.#parts
    const { incrementalAlter } = settings.configProperties
    if (incrementalAlter === 'never') return this.#replace(plans)
    const outcomes = await targetAdmin.incrementalAlterConfigs(
      plans.map(({ targetTopic: topic, changes }) => ({ topic, set: setsOf(changes), remove: removalsOf(changes) })),
    )
    const isLacking = [...outcomes.values()].every((failure) => failure?.code === 'UNSUPPORTED_VERSION')
    if (!isLacking || incrementalAlter === 'required') return outcomes
    log.debug('the target does not support IncrementalAlterConfigs; all configs of a topic are sent', {
      cluster: settings.target,
    })
    return this.#replace(plans)
  }

  /** Uses the older AlterConfigs, which removes configs it does not contain: sends everything that is set on the target. */
  async #replace(plans: readonly Plan[]): Promise<Outcomes> {
    const outcomes: Outcomes = new Map()
    const wanted = plans.flatMap(({ targetTopic: topic, changes, there }) => {
      const configs = configsAfter(changes, there)
      if (!configs) outcomes.set(topic, valueNotReturned(this.#parts.settings.target, topic))
      return configs ? [{ topic, configs }] : []
    })
    for (const [topic, outcome] of await this.#parts.targetAdmin.replaceConfigs(wanted)) outcomes.set(topic, outcome)
    return outcomes
  }

  /** Records the outcome. @returns the changes to send again, without refused ones */
  #settle(plan: Plan, failure: Failure | undefined): Plan[] {
    if (!failure) return this.#done(plan)
    const names = refusedConfigs(failure, plan.changes, plan.there)
    const changes = plan.changes.filter((change) => !names.has(change.name))
    const refused = [...plan.refused, ...[...names].map((name) => ({ name, failure }))]
    if (names.size > 0 && changes.length > 0) return [{ ...plan, changes, refused }]
    return this.#failed(plan, this.#refusal({ ...plan, refused }, failure, names.size > 0))
  }

  #done(plan: Plan): [] {
    const { targetTopic: topic, changes, refused } = plan
    const [set, removed] = [Object.entries(setsOf(changes)), removalsOf(changes)]
    this.#altered++
    this.#set += set.length
    this.#removed += removed.length
    this.#parts.log.info('synced configs of a target topic with the source', {
      topic,
      ...(set.length > 0 && { set: set.map(([name, value]) => `${name}=${value}`).join(', ') }),
      ...(removed.length > 0 && { removed: removed.join(', ') }),
    })
    const [first] = refused
    return first ? this.#failed(plan, this.#refusal(plan, first.failure, true)) : []
  }

  #refusal({ topic, refused }: Plan, failure: Failure, isRestDone: boolean): Failure {
    const { name, configProperties } = this.#parts.settings
    if (failure.code === 'UNSUPPORTED_VERSION' && configProperties.incrementalAlter === 'required') {
      const remedy = `upgrade the target to Kafka 2.3 or newer, or remove ${name}.use.incremental.alter.configs = required`
      return new Failure(failure.code, failure.message, { ...failure.circumstances, remedy })
    }
    if (refused.length === 0) return withRemedy(failure, 'AlterConfigs')
    const names = refused.map((one) => one.name).join(', ')
    const rest = isRestDone ? '; its other configs are as on the source' : ''
    this.#refusing.add(topic)
    for (const one of refused) this.#refusedNames.add(one.name)
    const sentence = `${(refused[0]?.failure ?? failure).message}; left out: ${names}${rest}`
    return new Failure(failure.code, sentence, failure.circumstances)
  }

  /** Gives all topics the same line as remedy: a second line with this key would replace the first. */
  #nameRefused(): void {
    const { name, leftOut } = this.#parts.settings
    const names = [...this.#refusedNames].toSorted()
    const line = lengthenedLine(`${name}.config.properties.exclude`, leftOut.configProperties, names)
    const remedy = `write ${line} into the file and start godwit again, or let the target accept it`
    for (const topic of this.#refusing) {
      const failure = this.#problems.get(topic)
      if (failure)
        this.#problems.set(topic, new Failure(failure.code, failure.message, { ...failure.circumstances, remedy }))
    }
  }

  /** Logs each new problem; the failure of the periodic task names only the first topics. */
  #logProblems(): void {
    for (const topic of this.#logged.keys()) if (!this.#problems.has(topic)) this.#logged.delete(topic)
    for (const [topic, { code, message, remedy }] of this.#problems) {
      if (this.#logged.get(topic) === message) continue
      this.#logged.set(topic, message)
      this.#parts.log.warn('configs of a topic could not be synced', { topic, code, reason: message, remedy })
    }
  }
}

/** The config entries, or why they cannot be used. */
function readable(
  described: DescribedEntry[] | Failure | undefined,
  where: { readonly cluster: string; readonly topic: string },
): MirrorConfigEntry[] | Failure {
  if (described === undefined || described instanceof Failure) return described ?? originsUnknown(where)
  const entries = described.map(fromDescribedConfig)
  return hasOrigins(entries) ? entries : originsUnknown(where)
}

function setsOf(changes: readonly ConfigChange[]): Record<string, string> {
  return Object.fromEntries(changes.flatMap((change) => (change.op === 'set' ? [[change.name, change.value]] : [])))
}

function removalsOf(changes: readonly ConfigChange[]): string[] {
  return changes.filter((change) => change.op === 'delete').map((change) => change.name)
}
