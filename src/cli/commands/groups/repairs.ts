// Groups of the target with an offset beyond the end of a log, and the command that repairs each.
import { counted, plural } from '../../../base/counted.ts'
import { Failure } from '../../../base/failure.ts'
import { nameText } from '../../../base/readable.ts'
import { optionWords, shellWord } from '../../../base/shell-word.ts'
import type { Flow, Model } from '../../../config/model.ts'
import type { DescribedGroup } from '../../../groups/describe.ts'
import type { ClusterSide } from '../../../groups/side.ts'
import { beyondEndText, isBeyondEnd } from '../../../kafka/groups.ts'
import { type Context, textOf } from '../../command.ts'
import { onBothSides, withLookup } from './chosen.ts'

/** One partition of a group, by its name on the target. */
export interface Repairable {
  readonly group: string
  readonly targetTopic: string
  readonly partition: number
  /** where it would go on; -1 when that cannot be told */
  readonly translated: number
  /** the end of the log, where the committed offset lies beyond it */
  readonly beyondEnd?: number
  readonly how?: string
}

type FlowNames = Pick<Flow['settings'], 'name' | 'target'>

/** So many groups are named in one command. */
const NAMED = 50

/** What is wrong with the offset of a row, in a sentence; undefined where nothing is. */
export function beyondOf(row: { readonly targetCommitted: number | undefined; readonly beyondEnd?: number }) {
  const { targetCommitted, beyondEnd } = row
  return targetCommitted === undefined || beyondEnd === undefined
    ? undefined
    : beyondEndText(targetCommitted, beyondEnd)
}

/**
 * Says which groups have an offset beyond the end of a log on the target, with the commands that repair them: to the translated offset where
 * there is one, else to the start, so that nothing is skipped.
 */
export function sayRepairs(context: Context, flow: FlowNames, rows: readonly Repairable[]): void {
  const beyond = rows.filter(({ beyondEnd, how }) => beyondEnd !== undefined && how !== 'outside')
  const synced = beyond.filter(({ translated }) => translated >= 0)
  if (synced.length > 0) saySync(context, flow, [...new Set(synced.map(({ group }) => group))])
  const others = Map.groupBy(
    beyond.filter(({ translated }) => translated < 0),
    ({ group }) => group,
  )
  for (const [group, own] of others) sayReset(context, flow.target, group, own)
}

/** The same for groups of one cluster: translated offsets are looked up where a flow of FILE ends there. @throws Failure */
export async function sayRepairsOn(
  context: Context,
  model: Model,
  side: ClusterSide,
  groups: readonly DescribedGroup[],
): Promise<void> {
  const beyond = groups.flatMap(({ group, offsets }) =>
    offsets.flatMap(({ topic: targetTopic, partition, committed = -1, end }): Repairable[] =>
      end !== undefined && isBeyondEnd(committed, end)
        ? [{ group, targetTopic, partition, translated: -1, beyondEnd: end }]
        : [],
    ),
  )
  if (beyond.length === 0) return
  const flow = model.flows.find(({ settings }) => settings.enabled && settings.target === side.alias)
  const rows = flow ? await translatedRows(context, model, flow, beyond) : beyond
  sayRepairs(context, flow?.settings ?? { name: '', target: side.alias }, rows)
}

async function translatedRows(
  context: Context,
  model: Model,
  flow: Flow,
  beyond: readonly Repairable[],
): Promise<Repairable[]> {
  const { committedBy } = await import('../../../groups/translate.ts')
  const names = new Set(beyond.map(({ group }) => group))
  try {
    const translated = await onBothSides(
      context,
      model,
      async (sides) => {
        const listed = await sides.source.consumerGroups()
        const committed = await committedBy(
          sides.source,
          [...names].flatMap((name) => listed.get(name) ?? []),
        )
        return withLookup(sides, (lookup) => lookup.translate(committed))
      },
      flow,
    )
    return beyond.map((row) => {
      const is = (one: { targetTopic: string; partition: number }) =>
        one.targetTopic === row.targetTopic && one.partition === row.partition
      return { ...row, translated: translated.get(row.group)?.find(is)?.downstream ?? -1 }
    })
  } catch (error) {
    // A source that does not answer: what can be said without it is.
    if (!(error instanceof Failure)) throw error
    return [...beyond]
  }
}

function saySync(context: Context, { name, target }: FlowNames, groups: readonly string[]): void {
  const named = groups.length > NAMED ? '' : ` ${optionWords('--group', groups)}`
  const many = `${counted(groups.length, 'group')} ${plural(groups.length, 'has an offset', 'have offsets')}`
  const who = `${many} beyond the end of a log on cluster ${target}`
  const command = `godwit groups sync ${fileWords(context)} --flow ${shellWord(name)}${named} --execute`
  context.complain(`godwit: ${who}\n  remedy: set to the translated offset: ${command}`)
}

function sayReset(context: Context, target: string, group: string, rows: readonly Repairable[]): void {
  const topics = [...Map.groupBy(rows, ({ targetTopic }) => targetTopic)].map(
    ([topic, own]) => `${shellWord(topic)}:${own.map(({ partition }) => partition).join(',')}`,
  )
  const where = `--cluster ${shellWord(target)} ${optionWords('--group', [group])} --topic ${topics.join(' ')}`
  const command = `godwit groups reset ${fileWords(context)} ${where} --to-earliest --execute`
  const what = `group ${nameText(group)} has an offset beyond the end of a log on cluster ${target}, and its translated offset is not known`
  context.complain(`godwit: ${what}\n  remedy: set to the start, so that nothing is skipped: ${command}`)
}

/** FILE as it was given, with the directory of secrets. */
function fileWords(context: Context): string {
  const secrets = textOf(context.values, 'secrets-dir')
  const file = shellWord(context.positionals[0] ?? 'FILE')
  return secrets === undefined ? file : `${file} --secrets-dir ${shellWord(secrets)}`
}
