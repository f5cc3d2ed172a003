// `godwit groups describe FILE`: groups of one cluster in the tables of Kafka's own tool, or their offsets on both sides.
import { setTimeout as wait } from 'node:timers/promises'
import { mapConcurrently } from '../../../base/in-turns.ts'
import { readable } from '../../../base/readable.ts'
import type { Model } from '../../../config/model.ts'
import type { DescribedGroup } from '../../../groups/describe.ts'
import type { ToolOutput } from '../../../groups/kafka-text.ts'
import type { SideBySideRow } from '../../../groups/on-target.ts'
import type { ClusterSide } from '../../../groups/side.ts'
import { type Command, type Context, flagOf, textOf } from '../../command.ts'
import { configured, flowOptions, unusable } from '../../configured.ts'
import { exits } from '../../exit-codes.ts'
import { formatOf, outputOption, printResult } from '../../output/render.ts'
import { type Column, tableLines } from '../../output/table.ts'
import {
  atMostOne,
  chosenGroups,
  clusterOption,
  groupOption,
  onBothSides,
  onCluster,
  type Sides,
  shown,
  withLookup,
} from './chosen.ts'
import { beyondEndNote, reportRepairs, reportRepairsOn } from './repairs.ts'

export const groupsDescribe = {
  name: 'groups describe',
  summary:
    'Shows offsets and lag of groups: of one cluster as kafka-consumer-groups.sh does, or of both sides with the translated offset.',
  usage:
    'groups describe FILE [--flow SOURCE->TARGET | --cluster ALIAS] [--group GROUP... | --all-groups] [--offsets|--members|--state] [--verbose] [--watch] [--output text|json|yaml]',
  arguments: ['FILE'],
  options: {
    ...flowOptions,
    cluster: clusterOption,
    group: groupOption,
    'all-groups': { doc: 'All consumer groups (default with --cluster; without it, those that the flow translates).' },
    offsets: { doc: 'Offsets and lag of each partition (default).' },
    members: { doc: 'Members of the groups.' },
    state: { doc: 'State and coordinator.' },
    verbose: { doc: 'With --cluster: also leader epochs, assignments and group epochs.' },
    watch: { doc: 'Refresh until stopped: every 2 s in place on a terminal, else every 10 s.' },
    output: outputOption,
  },
  examples: [
    ['groups describe mm2.properties', 'every group of the flow: source, lag, translated, target'],
    ['groups describe mm2.properties --cluster new --group billing', "Kafka's own table, for the target"],
    [
      'groups describe mm2.properties --cluster old --all-groups --members --verbose',
      'members and their assigned partitions',
    ],
  ],
  notes: [
    "With --cluster the text is byte for byte that of Kafka 4.3's kafka-consumer-groups.sh --describe. Without it, TRANSLATED is the target offset at which the group would continue. It is found without a running godwit, also on a target that MirrorMaker 2 filled. Without --cluster, --members and --state show the source, then the target.",
    'Exit codes: 0 shown, 64 the command line is invalid or the group does not exist, 69 a cluster does not answer, 77 a cluster denies access, 78 FILE cannot be used.',
  ],
  run,
} as const satisfies Command

const columns: readonly Column[] = [
  { title: 'GROUP', alignment: 'left' },
  { title: 'TOPIC', alignment: 'left' },
  { title: 'PARTITION', alignment: 'right' },
  { title: 'SOURCE', alignment: 'right' },
  { title: 'LAG', alignment: 'right' },
  { title: 'TRANSLATED', alignment: 'right' },
  { title: 'TARGET', alignment: 'right' },
  { title: 'NOTE', alignment: 'left' },
]
/** Groups that are described in parallel. */
const AT_ONCE = 16
const clearAll = '\u001b[2J\u001b[H'
const refreshMs = { terminal: 2000, plain: 10_000 }

async function run(context: Context): Promise<number> {
  const file = configured(context)
  if (!file) return unusable
  const what = atMostOne(context, ['offsets', 'members', 'state']) ?? 'offsets'
  const alias = textOf(context.values, 'cluster')
  do {
    if (flagOf(context.values, 'watch') && context.isTerminal) context.print(clearAll)
    if (alias !== undefined)
      await onCluster(file.model, alias, async (side) => {
        const groups = await showOne(context, [side], what)
        if (what === 'offsets') await reportRepairsOn(context, file.model, side, groups)
      })
    else await showBoth(context, file.model, what)
  } while (await waitsForRefresh(context))
  return exits.fine.code
}

/** Waits for the next refresh; gives false without --watch or when stopped. */
async function waitsForRefresh({ values, signal, isTerminal }: Context): Promise<boolean> {
  if (!flagOf(values, 'watch') || signal.aborted) return false
  const ms = isTerminal ? refreshMs.terminal : refreshMs.plain
  return wait(ms, true, { signal }).catch(() => false)
}

async function showBoth(context: Context, model: Model, what: string): Promise<void> {
  await onBothSides(context, model, async (sides) => {
    if (what === 'offsets') return showOffsets(context, sides)
    await showOne(context, [sides.source, sides.target], what)
  })
}

/** Shows groups of each of these clusters; a group that exists on one of them only is shown there. */
async function showOne(
  context: Context,
  sides: readonly ClusterSide[],
  what: string,
): Promise<readonly DescribedGroup[]> {
  const { describe } = await import('../../../groups/describe.ts')
  const listed = await Promise.all(sides.map((side) => side.consumerGroups()))
  const known = new Map(listed.flatMap((groups) => [...groups.keys()].map((name) => [name, name])))
  const { groups: chosen } = await chosenGroups(context, known, sides)
  const names = chosen.toSorted((a, b) => (a < b ? -1 : 1))
  const found = await Promise.all(
    sides.map(async (side, at) => {
      const own = names.flatMap((name) => listed[at]?.get(name) ?? [])
      const groups = await mapConcurrently(own, AT_ONCE, (group) => describe(side, group))
      return { cluster: side.alias, groups: groups.filter((group) => group !== undefined) }
    }),
  )
  const all = found.flatMap(({ groups }) => groups)
  if (formatOf(context) !== 'text') {
    printResult(context, found.length === 1 ? found[0] : found, () => '')
    return all
  }
  for (const { cluster, groups } of found) {
    if (found.length > 1) context.print(`${cluster}:`)
    for (const group of groups) printText(context, await kafkaText(group, what, flagOf(context.values, 'verbose')))
    if (found.length > 1) context.print('')
  }
  return all
}

async function kafkaText(group: DescribedGroup, what: string, verbose: boolean): Promise<ToolOutput> {
  const { membersText, offsetsText, stateText } = await import('../../../groups/kafka-text.ts')
  const texts = { members: membersText, state: stateText, offsets: offsetsText }
  return texts[what as keyof typeof texts](readable(group), verbose)
}

/** Prints as Kafka's tool does: the state of a group goes to standard error. */
function printText(context: Context, { out, err }: ToolOutput): void {
  if (err !== '') context.printError(err)
  if (out !== '') context.print(out)
}

async function showOffsets(context: Context, sides: Sides): Promise<void> {
  const { committedBy, readCheckpoints, translate } = await import('../../../groups/translate.ts')
  const { onTarget, withTargetOffsets } = await import('../../../groups/on-target.ts')
  const { flow, source, target, parts } = sides
  const [here, there] = await Promise.all([source.consumerGroups(), target.consumerGroups()])
  const selection = flagOf(context.values, 'all-groups') ? undefined : flow.settings.groups
  const { groups } = await chosenGroups(context, here, [source], selection)
  const committed = await committedBy(source, groups)
  const checkpoints = await readCheckpoints(parts, committed.keys())
  const rows = await withLookup(sides, (lookup) => translate(lookup, source, committed, checkpoints))
  const beside = withTargetOffsets(rows, await onTarget(target, there, committed.keys()))
  printResult(context, { flow: flow.settings.name, partitions: beside }, () => bothText(flow.settings.name, beside))
  reportRepairs(context, flow.settings, beside)
}

function bothText(flow: string, rows: readonly SideBySideRow[]): string {
  if (rows.length === 0) return `${flow}: no group has committed anything`
  return [flow, ...tableLines(columns, rows.map(rowOf))].join('\n')
}

function rowOf(row: SideBySideRow): string[] {
  const { group, topic, targetTopic, partition, committed, lag, translated, targetCommitted } = row
  return [
    ...[group, topic === targetTopic ? topic : `${topic} -> ${targetTopic}`, String(partition), shown(committed)],
    ...[shown(lag), shown(translated), shown(targetCommitted), noteText(row)],
  ]
}

function noteText(row: SideBySideRow): string {
  const { standing, translated, targetCommitted = 0, note } = row
  const words = {
    same: '',
    unknown: '',
    missing: 'nothing committed on the target',
    behind: `${translated - targetCommitted} behind on the target`,
    ahead: `${targetCommitted - translated} ahead on the target`,
    beyond: beyondEndNote(row) ?? '',
    denied: 'the user may not describe the group on the target',
  }[standing]
  return [words, note].filter((part) => part !== '').join('; ')
}
