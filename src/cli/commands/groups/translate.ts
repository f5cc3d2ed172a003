// `godwit groups translate FILE`: source offsets translated to target offsets, by godwit and by MirrorMaker 2's checkpoints.
import { Failure } from '../../../base/failure.ts'
import type { GroupsOnTarget, SideBySideRow } from '../../../groups/on-target.ts'
import type { ClusterSide } from '../../../groups/side.ts'
import type { TranslatedRow } from '../../../groups/translate.ts'
import type { CommittedOffset } from '../../../kafka/groups.ts'
import { failureText } from '../../cli.ts'
import { type Command, type Context, listOf, textOf } from '../../command.ts'
import { configured, flowOptions, unknownName, unusable } from '../../configured.ts'
import { exits } from '../../exit-codes.ts'
import { outputOption, printResult } from '../../output/render.ts'
import { type Column, tableLines } from '../../output/table.ts'
import {
  allGroupsOption,
  chosenGroups,
  groupOption,
  mustNameGroups,
  onBothSides,
  type Sides,
  shown,
  withLookup,
} from './chosen.ts'
import { beyondEndNote, reportRepairs } from './repairs.ts'

export const groupsTranslate = {
  name: 'groups translate',
  summary:
    'Translates committed offsets of source groups, or one offset, to the target, and shows the checkpoints of MirrorMaker 2.',
  usage:
    'groups translate FILE [--flow SOURCE->TARGET] (--group GROUP... | --all-groups | --topic TOPIC --partition P --offset N) [--output text|json|yaml]',
  arguments: ['FILE'],
  options: {
    ...flowOptions,
    group: groupOption,
    'all-groups': allGroupsOption,
    topic: {
      value: 'TOPIC',
      doc: 'Topic of the source: only its partitions, or the topic of --offset.',
    },
    partition: { value: 'P', doc: 'Partition of --topic.' },
    offset: { value: 'N', doc: 'Offset of --topic and --partition to translate, instead of those of groups.' },
    output: outputOption,
  },
  examples: [
    ['groups translate mm2.properties --group billing', 'offsets at which billing would continue on the target'],
    ['groups translate mm2.properties --topic orders --partition 3 --offset 42', 'the target offset of one record'],
  ],
  notes: [
    "TRANSLATED is godwit's exact translation: stored while copying, or found by comparing both logs, which needs no running godwit and works where MirrorMaker 2 copied. CHECKPOINT is MirrorMaker 2's last checkpoint, source offset -> target offset; it is imprecise and lags behind.",
    'Exit codes: 0 all offsets were translated, 1 some offset of a copied topic could not be translated (NOTE has the reason), or the user may not describe all groups, 64 the command line is invalid or a group, topic or flow does not exist, 69 a cluster does not answer, 77 a cluster denies access, 78 FILE cannot be used.',
  ],
  run,
} as const satisfies Command

const columns: readonly Column[] = [
  { title: 'GROUP', alignment: 'left' },
  { title: 'TOPIC', alignment: 'left' },
  { title: 'ON TARGET', alignment: 'left' },
  { title: 'PARTITION', alignment: 'right' },
  { title: 'SOURCE', alignment: 'right' },
  { title: 'LAG', alignment: 'right' },
  { title: 'TRANSLATED', alignment: 'right' },
  { title: 'CHECKPOINT', alignment: 'right' },
  { title: 'NOTE', alignment: 'left' },
]
/** Shown as the group when a single offset is translated. */
const noGroup = '-'

async function run(context: Context): Promise<number> {
  const file = configured(context)
  if (!file) return unusable
  const single = singleOffset(context)
  if (!single) mustNameGroups(context)
  return onBothSides(context, file.model, async (sides) => {
    const { name } = sides.flow.settings
    const { rows, checkpointsOf, isPartial } = await translated(context, sides, single)
    reportRepairs(context, sides.flow.settings, rows)
    printResult(context, { flow: name, partitions: rows, checkpointsOf }, () => {
      if (rows.length === 0) return `${name}: no offsets are committed there`
      return [name, ...tableLines(columns, rows.map(rowOf)), ...hint(sides, rows, checkpointsOf)].join('\n')
    })
    return isPartial || rows.some(({ how }) => how === 'unknown') ? exits.found.code : exits.fine.code
  })
}

async function translated(context: Context, sides: Sides, single: CommittedOffset | undefined) {
  const { checkpointAliases, committedBy, readCheckpoints, translate } = await import('../../../groups/translate.ts')
  const { withTargetOffsets } = await import('../../../groups/on-target.ts')
  const { source, target, parts } = sides
  const chosen = single ? undefined : await chosenGroups(context, await source.consumerGroups(), [source])
  const committed = chosen ? await committedBy(source, chosen.groups) : new Map(single && [[noGroup, [single]]])
  const checkpoints = await readCheckpoints(parts, committed.keys())
  return withLookup(sides, async (lookup) => {
    const topic = textOf(context.values, 'topic')
    if (topic !== undefined && !lookup.source.topics.has(topic))
      throw unknownName(`topic on cluster ${source.alias}:`, topic, lookup.copiedTopics)
    const wanted = new Map(
      [...committed].map(([group, offsets]) => [group, offsets.filter((one) => isRequested(context, one))]),
    )
    const { internalSeparator } = parts.settings.policy
    const rows = await translate(lookup, source, wanted, checkpoints)
    return {
      rows: single
        ? withoutGroup(rows)
        : withTargetOffsets(rows, await onTargetIfVisible(context, target, committed.keys())),
      checkpointsOf: checkpointAliases(lookup, internalSeparator),
      isPartial: chosen?.isPartial ?? false,
    }
  })
}

/** Committed offsets of the groups on the target. They are optional: without the permission to read them, that is reported. */
async function onTargetIfVisible(
  context: Context,
  target: ClusterSide,
  names: Iterable<string>,
): Promise<GroupsOnTarget> {
  const { noTargetOffsets, onTarget } = await import('../../../groups/on-target.ts')
  try {
    return await onTarget(target, await target.consumerGroups(), names)
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    context.printError(`godwit: committed offsets on cluster ${target.alias} are not shown\n${failureText(error)}`)
    return noTargetOffsets
  }
}

/** Rows of a single offset, which belongs to no group. */
function withoutGroup(rows: readonly TranslatedRow[]): SideBySideRow[] {
  return rows.map((row) => ({ ...row, targetCommitted: undefined, standing: 'unknown' }))
}

/** Hints at checkpoints that MirrorMaker 2 wrote under another source alias: they are not found by ours. */
function hint(sides: Sides, rows: readonly TranslatedRow[], aliases: readonly string[]): string[] {
  const source = sides.flow.settings.sourceAlias
  const others = aliases.filter((alias) => alias !== source)
  if (rows.some(({ checkpoint }) => checkpoint) || others.length === 0 || aliases.includes(source)) return []
  return [
    `There are no checkpoints of ${source} on ${sides.flow.settings.target}, but of ${others.join(', ')}: that was the alias of the source when MirrorMaker 2 ran. RemoteClusterUtils needs that alias too.`,
  ]
}

function rowOf(row: SideBySideRow): string[] {
  const { group, topic, targetTopic, partition, committed, lag, translated: offset, checkpoint, note } = row
  const notes = [beyondEndNote(row) ?? '', note].filter((words) => words !== '').join('; ')
  return [
    ...[group, topic, targetTopic, String(partition), shown(committed), shown(lag), shown(offset)],
    ...[checkpoint ? `${checkpoint.upstream} -> ${checkpoint.downstream}` : '-', notes],
  ]
}

/** The offset given by --topic, --partition and --offset, if any. @throws Failure USAGE when a part of it is missing */
function singleOffset({ values }: Context): CommittedOffset | undefined {
  const [topic, partition, offset] = ['topic', 'partition', 'offset'].map((name) => textOf(values, name))
  for (const [name, text] of [
    ['partition', partition],
    ['offset', offset],
  ]) {
    if (text === undefined || /^\d+$/.test(text)) continue
    throw new Failure('USAGE', `--${name} must be a number, not '${text}'`, { remedy: `give --${name} N` })
  }
  if (offset === undefined) return undefined
  if (listOf(values, 'group').length > 0)
    throw new Failure('USAGE', '--offset and --group exclude each other', { remedy: 'give only one of them' })
  if (topic === undefined || partition === undefined)
    throw new Failure('USAGE', '--offset needs --topic and --partition', {
      remedy: 'give --topic TOPIC --partition P --offset N',
    })
  return { topic, partition: Number(partition), offset: Number(offset), metadata: '' }
}

function isRequested({ values }: Context, one: CommittedOffset): boolean {
  const [topic, partition] = [textOf(values, 'topic'), textOf(values, 'partition')]
  return (
    (topic === undefined || topic === one.topic) && (partition === undefined || Number(partition) === one.partition)
  )
}
