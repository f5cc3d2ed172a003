// `godwit groups reset FILE`: sets committed offsets of groups, with the options, tables and CSV of kafka-consumer-groups.sh.
import { Failure } from '../../../base/failure.ts'
import { nearest } from '../../../base/nearest.ts'
import { nameText, readable } from '../../../base/readable.ts'
import type { ResetOutcome, ResetRow } from '../../../groups/reset.ts'
import { type Command, type Context, flagOf, listOf, textOf } from '../../command.ts'
import { clusterNamed, configured, flowOptions, unusable } from '../../configured.ts'
import { exits } from '../../exit-codes.ts'
import { formatOf, outputOption, printResult } from '../../output/render.ts'
import {
  allGroupsOption,
  atMostOne,
  dryRunOption,
  executeOption,
  groupOption,
  isExecuted,
  mustNameGroups,
  onCluster,
  reportHidden,
} from './chosen.ts'
import { groupsOfSources, newPlans, type PlansParts, scenarioNames } from './reset-plans.ts'

export const groupsReset = {
  name: 'groups reset',
  summary:
    'Sets the committed offsets of groups of a cluster, as kafka-consumer-groups.sh --reset-offsets does; can suggest the right time.',
  usage:
    'groups reset FILE --cluster ALIAS (--group GROUP... | --all-groups) SCENARIO [--topic TOPIC[:P,P]... | --all-topics | --topics-from ALIAS] [--dry-run | --execute] [--export] [--output text|json|yaml]',
  arguments: ['FILE'],
  options: {
    ...flowOptions,
    cluster: { value: 'ALIAS', doc: 'The cluster of FILE whose groups are reset.' },
    group: groupOption,
    'all-groups': allGroupsOption,
    'to-datetime': {
      value: 'TIME',
      doc: 'To the first record of that time or later: YYYY-MM-DDTHH:mm:SS.sss[Z|+hh:mm|+hh], UTC without a zone; or suggest: computed from the committed offsets on the source, so that nothing is skipped.',
    },
    'by-duration': { value: 'PnDTnHnMnS', doc: 'As --to-datetime, for the time that long ago.' },
    'to-offset': { value: 'N', doc: 'To this offset; outside the log, to its start or end.' },
    'shift-by': { value: 'N', doc: 'By N offsets forwards, or backwards if N is negative.' },
    'to-earliest': { doc: 'To the start of the log.' },
    'to-latest': { doc: 'To the end of the log.' },
    'to-current': { doc: 'To the committed offset, or to the end of the log without one.' },
    'from-file': { value: 'CSV', doc: 'To the offsets in a file printed by --export.' },
    'to-translated': { doc: 'To the translated offsets of the group on the source, also backwards.' },
    topic: {
      value: 'TOPIC',
      several: true,
      doc: 'These topics, or with :0,1 these partitions of a topic; can be repeated.',
    },
    'all-topics': {
      doc: 'All topics with a committed offset of the group; if it has none on a target, all topics that the flow copies to it.',
    },
    'topics-from': {
      value: 'ALIAS',
      doc: 'All topics with a committed offset of the group on this source, by their names on the target.',
    },
    export: { doc: 'Print CSV instead of the table, for --from-file.' },
    'dry-run': dryRunOption,
    execute: executeOption,
    output: outputOption,
  },
  examples: [
    [
      'groups reset mm2.properties --cluster new --group billing --all-topics --to-datetime suggest',
      'what would be set, and why',
    ],
    [
      'groups reset mm2.properties --cluster new --group billing --to-translated --execute',
      'to exactly the same record',
    ],
    [
      'groups reset mm2.properties --cluster new --group billing --topic orders:0,1 --shift-by -100 --execute',
      '100 offsets back',
    ],
    [
      'groups reset mm2.properties --cluster new --all-groups --all-topics --to-current --export',
      'a backup of all offsets, as CSV',
    ],
  ],
  notes: [
    'SCENARIO is one of --to-datetime, --by-duration, --to-offset, --shift-by, --to-earliest, --to-latest, --to-current, --from-file, --to-translated. The last two need no topics.',
    "Table and CSV have the format of Kafka 4.3's tool, with sorted rows. A group with active members is not changed, and is reported.",
    'Exit codes: 0 planned or written, 1 some group was not changed because it has active members, has nothing to reset, or was rejected by the cluster, or the user may not describe all groups, 64 the command line is invalid, 69 the cluster does not answer or the topic does not exist, 77 the cluster denies access, 78 a file cannot be used.',
  ],
  run,
} as const satisfies Command

async function run(context: Context): Promise<number> {
  const file = configured(context)
  if (!file) return unusable
  const execute = isExecuted(context)
  const alias = textOf(context.values, 'cluster')
  if (alias === undefined)
    throw new Failure('USAGE', 'no cluster is given', {
      remedy: `add --cluster, one of ${file.model.clusters.join(', ')}`,
    })
  clusterNamed(file.model, alias)
  mustNameGroups(context)
  if (listOf(context.values, 'group').length > 0 && flagOf(context.values, 'all-groups'))
    throw new Failure('USAGE', '--group and --all-groups exclude each other', { remedy: 'give only one of them' })
  const scenario = atMostOne(context, scenarioNames)
  if (scenario === undefined) {
    const remedy = `add one of ${scenarioNames.map((name) => `--${name}`).join(', ')}`
    throw new Failure('USAGE', 'no scenario is given', { remedy })
  }
  const { reset } = await import('../../../groups/reset.ts')
  return onCluster(file.model, alias, async (side) => {
    const listed = await side.consumerGroups()
    const names =
      listOf(context.values, 'group').length > 0 ? [...new Set(listOf(context.values, 'group'))] : [...listed.keys()]
    const isPartial = flagOf(context.values, 'all-groups') && (await reportHidden(context, [side]))
    await reportUnknown({ context, model: file.model, side }, names, [...listed.keys()])
    await using plans = await newPlans({ context, model: file.model, side, scenario, groups: names })
    const outcomes: ResetOutcome[] = []
    for (const group of names.toSorted((a, b) => (a < b ? -1 : 1))) {
      const plan = await plans.of(group)
      outcomes.push(await reset(side, { group, listed: listed.get(group), ...plan, execute }))
    }
    await print(context, alias, outcomes, execute)
    return !isPartial && outcomes.every(({ result, rows }) => result !== 'refused' && rows.length > 0)
      ? exits.fine.code
      : exits.found.code
  })
}

/** Reports groups that do not exist. As in Kafka's tool a reset creates them, so a misspelled name would go unnoticed. */
async function reportUnknown(
  { context, model, side }: Pick<PlansParts, 'context' | 'model' | 'side'>,
  names: readonly string[],
  known: readonly string[],
): Promise<void> {
  const unknown = names.filter((name) => !known.includes(name))
  if (unknown.length === 0) return
  await side.requireDescribe(unknown)
  const elsewhere = await groupsOfSources(model, side.alias)
  for (const name of unknown) {
    const meant = elsewhere.includes(name) ? undefined : nearest(name, [...known, ...elsewhere])
    const words = `cluster ${side.alias} has no group ${nameText(name)}: --execute creates it`
    context.printError(`godwit: ${words}${meant === undefined ? '' : `; did you mean ${meant}?`}`)
  }
}

async function print(
  context: Context,
  alias: string,
  outcomes: readonly ResetOutcome[],
  execute: boolean,
): Promise<void> {
  if (formatOf(context) !== 'text') {
    const { datetimeText } = await import('../../../groups/reset-times.ts')
    const groups = outcomes.map(({ plan, suggestion, ...rest }) => ({
      ...rest,
      ...{ clamped: plan.clamped, empty: plan.empty },
      ...(suggestion && { suggestion: { ...suggestion, at: datetimeText(suggestion.at) } }),
    }))
    return printResult(context, { cluster: alias, executed: execute, groups }, () => '')
  }
  const { resetText } = await import('../../../groups/kafka-text.ts')
  const { planCsv } = await import('../../../groups/reset-csv.ts')
  for (const outcome of outcomes) printMessages(context, alias, readable(outcome))
  const rows = outcomes.flatMap((outcome): readonly ResetRow[] => outcome.rows)
  const isExport = flagOf(context.values, 'export')
  // Kafka's tool ends its CSV with an empty line.
  const isOneGroup = listOf(context.values, 'group').length === 1
  context.print(isExport ? `${planCsv(rows, !isOneGroup)}\n` : resetText(readable(rows), outcomes.length > 0))
  if (!execute) context.printError('nothing was changed; add --execute to write this')
}

/** Messages before the table: those of Kafka's tool on standard output, others on standard error. */
function printMessages(
  context: Context,
  alias: string,
  { group, state, result, members, rows, plan }: ResetOutcome,
): void {
  if (result === 'refused' && rows.length === 0) {
    context.print(
      `\nError: Assignments can only be reset if the group '${group}' is inactive, but the current state is ${state}.`,
    )
    const who = members.length > 0 ? `${members.slice(0, 5).join(', ')}${members.length > 5 ? ' ...' : ''}` : 'them'
    context.printError(`godwit: group ${group} on cluster ${alias} has active members: stop ${who}, then try again`)
  }
  for (const { topic, partition } of plan.empty)
    context.print(`\nWarn: Partition ${partition} from topic ${topic} is empty. Falling back to latest known offset.`)
  for (const words of plan.clamped) context.printError(`godwit: group ${group}: ${words}`)
  for (const { refused, remedy } of rows)
    if (refused !== undefined)
      context.printError(`godwit: ${refused}${remedy === undefined ? '' : `\n  remedy: ${remedy}`}`)
  if (result !== 'refused' && rows.length === 0)
    context.printError(
      `godwit: group ${nameText(group)} has nothing to reset on cluster ${alias}: ${nothingBecause(context)}`,
    )
}

/** Why there is nothing to reset, and what to do instead. */
function nothingBecause(context: Context): string {
  if (textOf(context.values, 'from-file') !== undefined) return 'the file has no line for it; add lines for it'
  if (flagOf(context.values, 'to-translated'))
    return 'none of its committed offsets on the source can be translated; use --to-earliest with --topic TOPIC instead of --to-translated'
  return 'add --topic or --topics-from'
}
