// `godwit groups sync FILE`: commits translated offsets on the target, without a running godwit.
import type { SyncedRow } from '../../../groups/sync.ts'
import { failureText } from '../../cli.ts'
import type { Command, Context } from '../../command.ts'
import { configured, flowOptions, unusable } from '../../configured.ts'
import { exits } from '../../exit-codes.ts'
import { outputOption, printResult } from '../../output/render.ts'
import { type Column, tableLines } from '../../output/table.ts'
import {
  allGroupsOption,
  chosenGroups,
  dryRunOption,
  executeOption,
  groupOption,
  isExecuted,
  onBothSides,
  shown,
  withLookup,
} from './chosen.ts'
import { type Repairable, reportRepairs } from './repairs.ts'

export const groupsSync = {
  name: 'groups sync',
  summary:
    'Commits translated offsets for groups on the target: only for groups without active members there, and never backwards, except from an offset that does not exist.',
  usage:
    'groups sync FILE [--flow SOURCE->TARGET] [--group GROUP... | --all-groups] [--dry-run | --execute] [--output text|json|yaml]',
  arguments: ['FILE'],
  options: {
    ...flowOptions,
    group: groupOption,
    'all-groups': {
      ...allGroupsOption,
      doc: 'All consumer groups of the source (default: those that the flow translates).',
    },
    'dry-run': dryRunOption,
    execute: executeOption,
    output: outputOption,
  },
  examples: [
    ['groups sync mm2.properties', 'show what would be written'],
    ['groups sync mm2.properties --group billing --execute', 'commit the offsets of one group'],
  ],
  notes: [
    'RESULT: written (with --execute) or to write, kept (the offset on the target is equal or higher), active (the group has active members on the target), untranslated (there is no matching target offset yet), refused (the target rejected the commit), outside (the flow does not copy the topic), none (the group has committed -1 on the source, which is not an offset).',
    'Exit codes: 0 all offsets are or would be in place, 1 some offset could not be written (active, untranslated or refused), or the user may not describe all groups, 64 the command line is invalid or the group does not exist, 69 a cluster does not answer, 77 a cluster denies access, 78 FILE cannot be used.',
  ],
  run,
} as const satisfies Command

const columns: readonly Column[] = [
  { title: 'GROUP', alignment: 'left' },
  { title: 'TOPIC', alignment: 'left' },
  { title: 'PARTITION', alignment: 'right' },
  { title: 'SOURCE', alignment: 'right' },
  { title: 'TRANSLATED', alignment: 'right' },
  { title: 'TARGET WAS', alignment: 'right' },
  { title: 'RESULT', alignment: 'left' },
  { title: 'WHY', alignment: 'left' },
]
const inPlace = new Set(['written', 'kept', 'outside', 'none'])

async function run(context: Context): Promise<number> {
  const file = configured(context)
  if (!file) return unusable
  const execute = isExecuted(context)
  const { committedBy } = await import('../../../groups/translate.ts')
  const { syncGroups } = await import('../../../groups/sync.ts')
  return onBothSides(context, file.model, async (sides) => {
    const { flow, source, target } = sides
    const selection = context.values['all-groups'] === true ? undefined : flow.settings.groups
    const { groups, isPartial } = await chosenGroups(context, await source.consumerGroups(), [source], selection)
    const committed = await committedBy(source, groups)
    const { rows, failures } = await withLookup(sides, (lookup) => syncGroups(lookup, target, committed, execute))
    for (const failure of failures) context.printError(failureText(failure))
    printResult(context, { flow: flow.settings.name, executed: execute, partitions: rows }, () =>
      textOfRows(flow.settings.name, rows, execute),
    )
    if (!execute && rows.some(({ result }) => result === 'written'))
      context.printError('nothing was changed; add --execute to write these offsets')
    reportRepairs(context, flow.settings, unrepaired(rows))
    const isDone = !isPartial && failures.length === 0 && rows.every(({ result }) => inPlace.has(result))
    return isDone ? exits.fine.code : exits.found.code
  })
}

/** Offsets beyond the end of the log that this command does not replace. */
function unrepaired(rows: readonly SyncedRow[]): Repairable[] {
  return rows.filter(({ result }) => result === 'none' || result === 'untranslated')
}

function textOfRows(flow: string, rows: readonly SyncedRow[], executed: boolean): string {
  if (rows.length === 0) return `${flow}: no group has committed anything`
  return [
    flow,
    ...tableLines(
      columns,
      rows.map((row) => rowOf(row, executed)),
    ),
  ].join('\n')
}

function rowOf(row: SyncedRow, executed: boolean): string[] {
  const { group, topic, targetTopic, partition, committed, translated, before, result, why } = row
  return [
    ...[group, topic === targetTopic ? topic : `${topic} -> ${targetTopic}`, String(partition), shown(committed)],
    ...[shown(translated), shown(before)],
    ...[result === 'written' && !executed ? 'to write' : result, why],
  ]
}
