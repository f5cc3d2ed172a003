// Reports groups of the target with a committed offset beyond the end of the log, with the command that repairs them.
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

/** A partition of a group, with the topic's name on the target. */
export interface Repairable {
  readonly group: string
  readonly targetTopic: string
  readonly partition: number
  /** the translated offset; -1 when it is not known */
  readonly translated: number
  /** the end of the log, if the committed offset is beyond it */
  readonly beyondEnd?: number
  readonly how?: string
}

type FlowNames = Pick<Flow['settings'], 'name' | 'target'>

/** Maximum number of groups listed in one command. */
const NAMED = 50

/** A sentence about an offset beyond the end of the log; undefined for a valid offset. */
export function beyondEndNote(row: { readonly targetCommitted: number | undefined; readonly beyondEnd?: number }) {
  const { targetCommitted, beyondEnd } = row
  return targetCommitted === undefined || beyondEnd === undefined
    ? undefined
    : beyondEndText(targetCommitted, beyondEnd)
}

/**
 * Reports groups with a committed offset beyond the end of the log on the target, with the commands that set it to the
 * translated offset if it is known, else to the start of the log, so that nothing is skipped.
 */
export function reportRepairs(context: Context, flow: FlowNames, rows: readonly Repairable[]): void {
  const beyond = rows.filter(({ beyondEnd, how }) => beyondEnd !== undefined && how !== 'outside')
  const synced = beyond.filter(({ translated }) => translated >= 0)
  if (synced.length > 0) reportSync(context, flow, [...new Set(synced.map(({ group }) => group))])
  const others = Map.groupBy(
    beyond.filter(({ translated }) => translated < 0),
    ({ group }) => group,
  )
  for (const [group, own] of others) reportReset(context, flow.target, group, own)
}

/** The same for groups of one cluster; offsets are translated if it is the target of a flow of FILE. @throws Failure of a cluster */
export async function reportRepairsOn(
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
  reportRepairs(context, flow?.settings ?? { name: '', target: side.alias }, rows)
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
    // Without an answer of the source, repairs are reported without translated offsets.
    if (!(error instanceof Failure)) throw error
    return [...beyond]
  }
}

function reportSync(context: Context, { name, target }: FlowNames, groups: readonly string[]): void {
  const named = groups.length > NAMED ? '' : ` ${optionWords('--group', groups)}`
  const many = `${counted(groups.length, 'group')} ${plural(groups.length, 'has an offset', 'have offsets')}`
  const what = `${many} beyond the end of a log on cluster ${target}`
  const command = `godwit groups sync ${fileWords(context)} --flow ${shellWord(name)}${named} --execute`
  context.printError(`godwit: ${what}\n  remedy: set to the translated offset: ${command}`)
}

function reportReset(context: Context, target: string, group: string, rows: readonly Repairable[]): void {
  const topics = [...Map.groupBy(rows, ({ targetTopic }) => targetTopic)].map(
    ([topic, own]) => `${shellWord(topic)}:${own.map(({ partition }) => partition).join(',')}`,
  )
  const where = `--cluster ${shellWord(target)} ${optionWords('--group', [group])} --topic ${topics.join(' ')}`
  const command = `godwit groups reset ${fileWords(context)} ${where} --to-earliest --execute`
  const what = `group ${nameText(group)} has an offset beyond the end of a log on cluster ${target}, and its translated offset is not known`
  context.printError(`godwit: ${what}\n  remedy: set to the start, so that nothing is skipped: ${command}`)
}

/** FILE as typed, with --secrets-dir if given. */
function fileWords(context: Context): string {
  const secrets = textOf(context.values, 'secrets-dir')
  const file = shellWord(context.positionals[0] ?? 'FILE')
  return secrets === undefined ? file : `${file} --secrets-dir ${shellWord(secrets)}`
}
