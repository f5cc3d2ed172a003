// `godwit groups translate FILE`: what offsets of the source are on the target, by godwit and by MirrorMaker 2's checkpoints.
import { Failure } from '../../../base/failure.ts'
import type { GroupsOnTarget, SideBySideRow } from '../../../groups/on-target.ts'
import type { ClusterSide } from '../../../groups/side.ts'
import type { TranslatedRow } from '../../../groups/translate.ts'
import type { CommittedOffset } from '../../../kafka/groups.ts'
import { complaint } from '../../cli.ts'
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
import { beyondOf, sayRepairs } from './repairs.ts'

export const groupsTranslate = {
  name: 'groups translate',
  summary:
    'Shows what the committed offsets of source groups, or one offset, are on the target, beside what MirrorMaker 2 says.',
  usage:
    'groups translate FILE [--flow SOURCE->TARGET] (--group GROUP... | --all-groups | --topic TOPIC --partition P --offset N) [--output text|json|yaml]',
  arguments: ['FILE'],
  options: {
    ...flowOptions,
    group: groupOption,
    'all-groups': allGroupsOption,
    topic: {
      value: 'TOPIC',
      doc: 'A topic of the source: only its partitions, or with --offset the one to translate.',
    },
    partition: { value: 'P', doc: 'A partition of --topic.' },
    offset: { value: 'N', doc: 'An offset of --topic and --partition, whether a group stands there or not.' },
    output: outputOption,
  },
  examples: [
    ['groups translate mm2.properties --group billing', 'where billing would go on on the target'],
    ['groups translate mm2.properties --topic orders --partition 3 --offset 42', 'where one record is'],
  ],
  notes: [
    "TRANSLATED is godwit's answer, to the record: noted while copying, or found by comparing both logs, which needs no running godwit and works where MirrorMaker 2 copied. CHECKPOINT is MirrorMaker 2's last one, source offset -> target offset; it is coarse, and lags behind.",
    'Exit codes: 0 all was translated, 1 some offset of a topic that the flow copies has no place on the target (its NOTE says why), or the user may not describe all groups, 64 the command line is wrong or there is no such group, topic or flow, 69 a cluster does not answer, 77 it refuses, 78 FILE cannot be used.',
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
/** Stands for the group where one offset is asked for. */
const nobody = '-'

async function run(context: Context): Promise<number> {
  const file = configured(context)
  if (!file) return unusable
  const place = placeOf(context)
  if (!place) mustNameGroups(context)
  return onBothSides(context, file.model, async (sides) => {
    const { name } = sides.flow.settings
    const { rows, checkpointsOf, isPartial } = await translated(context, sides, place)
    sayRepairs(context, sides.flow.settings, rows)
    printResult(context, { flow: name, partitions: rows, checkpointsOf }, () => {
      if (rows.length === 0) return `${name}: nothing is committed there`
      return [name, ...tableLines(columns, rows.map(rowOf)), ...hint(sides, rows, checkpointsOf)].join('\n')
    })
    return isPartial || rows.some(({ how }) => how === 'unknown') ? exits.found.code : exits.fine.code
  })
}

async function translated(context: Context, sides: Sides, place: CommittedOffset | undefined) {
  const { checkpointAliases, committedBy, readCheckpoints, translate } = await import('../../../groups/translate.ts')
  const { withTargetOffsets } = await import('../../../groups/on-target.ts')
  const { source, target, parts } = sides
  const chosen = place ? undefined : await chosenGroups(context, await source.consumerGroups(), [source])
  const committed = chosen ? await committedBy(source, chosen.groups) : new Map(place && [[nobody, [place]]])
  const checkpoints = await readCheckpoints(parts, committed.keys())
  return withLookup(sides, async (lookup) => {
    const topic = textOf(context.values, 'topic')
    if (topic !== undefined && !lookup.source.topics.has(topic))
      throw unknownName(`topic on cluster ${source.alias}:`, topic, lookup.copiedTopics)
    const wanted = new Map(
      [...committed].map(([group, offsets]) => [group, offsets.filter((one) => isMeant(context, one))]),
    )
    const { internalSeparator } = parts.settings.policy
    const rows = await translate(lookup, source, wanted, checkpoints)
    return {
      rows: place ? unplaced(rows) : withTargetOffsets(rows, await onTargetIfTold(context, target, committed.keys())),
      checkpointsOf: checkpointAliases(lookup, internalSeparator),
      isPartial: chosen?.isPartial ?? false,
    }
  })
}

/** What the groups have on the target only adds to the answer: a user who may not see it is told the rest. */
async function onTargetIfTold(context: Context, target: ClusterSide, names: Iterable<string>): Promise<GroupsOnTarget> {
  const { noTargetOffsets, onTarget } = await import('../../../groups/on-target.ts')
  try {
    return await onTarget(target, await target.consumerGroups(), names)
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    context.complain(`godwit: what the groups have on cluster ${target.alias} is not looked at\n${complaint(error)}`)
    return noTargetOffsets
  }
}

/** No group stands at one offset that is asked for. */
function unplaced(rows: readonly TranslatedRow[]): SideBySideRow[] {
  return rows.map((row) => ({ ...row, targetCommitted: undefined, standing: 'unknown' }))
}

/** Checkpoints that MirrorMaker 2 wrote under another alias are not found by ours. */
function hint(sides: Sides, rows: readonly TranslatedRow[], aliases: readonly string[]): string[] {
  const source = sides.flow.settings.sourceAlias
  const others = aliases.filter((alias) => alias !== source)
  if (rows.some(({ checkpoint }) => checkpoint) || others.length === 0 || aliases.includes(source)) return []
  return [
    `There are no checkpoints of ${source} on ${sides.flow.settings.target}, but of ${others.join(', ')}: the source was called so when MirrorMaker 2 ran. RemoteClusterUtils wants that name too.`,
  ]
}

function rowOf(row: SideBySideRow): string[] {
  const { group, topic, targetTopic, partition, committed, lag, translated: place, checkpoint, note } = row
  const notes = [beyondOf(row) ?? '', note].filter((words) => words !== '').join('; ')
  return [
    ...[group, topic, targetTopic, String(partition), shown(committed), shown(lag), shown(place)],
    ...[checkpoint ? `${checkpoint.upstream} -> ${checkpoint.downstream}` : '-', notes],
  ]
}

/** The one offset that is asked for, if any. @throws Failure USAGE when a part of it is missing */
function placeOf({ values }: Context): CommittedOffset | undefined {
  const [topic, partition, offset] = ['topic', 'partition', 'offset'].map((name) => textOf(values, name))
  for (const [name, text] of [
    ['partition', partition],
    ['offset', offset],
  ]) {
    if (text === undefined || /^\d+$/.test(text)) continue
    throw new Failure('USAGE', `--${name} is a number, not '${text}'`, { remedy: `give --${name} N` })
  }
  if (offset === undefined) return undefined
  if (listOf(values, 'group').length > 0)
    throw new Failure('USAGE', '--offset and --group exclude each other', { remedy: 'give only one of them' })
  if (topic === undefined || partition === undefined)
    throw new Failure('USAGE', 'whose offset is not said', { remedy: 'give --topic TOPIC --partition P --offset N' })
  return { topic, partition: Number(partition), offset: Number(offset), metadata: '' }
}

function isMeant({ values }: Context, one: CommittedOffset): boolean {
  const [topic, partition] = [textOf(values, 'topic'), textOf(values, 'partition')]
  return (
    (topic === undefined || topic === one.topic) && (partition === undefined || Number(partition) === one.partition)
  )
}
