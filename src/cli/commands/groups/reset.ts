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
  executes,
  groupOption,
  mustNameGroups,
  onCluster,
  sayHidden,
} from './chosen.ts'
import { groupsOfSources, newPlans, type PlansParts, scenarioNames } from './reset-plans.ts'

export const groupsReset = {
  name: 'groups reset',
  summary:
    'Sets the committed offsets of groups of a cluster, as kafka-consumer-groups.sh --reset-offsets does; can find the right time itself.',
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
      doc: 'First record of that time or later: YYYY-MM-DDTHH:mm:SS.sss[Z|+hh:mm|+hh], UTC without a zone; or suggest: found from where the group stands on the source, so that nothing is skipped.',
    },
    'by-duration': { value: 'PnDTnHnMnS', doc: 'The same, that long ago.' },
    'to-offset': { value: 'N', doc: 'This offset, brought into the log where it lies outside.' },
    'shift-by': { value: 'N', doc: 'So many forwards, or backwards where negative.' },
    'to-earliest': { doc: 'The start of the log.' },
    'to-latest': { doc: 'The end of the log.' },
    'to-current': { doc: 'What is committed; the end where nothing is.' },
    'from-file': { value: 'CSV', doc: 'What --export has printed.' },
    'to-translated': { doc: 'Where the group stands on the source, translated, also backwards.' },
    topic: {
      value: 'TOPIC',
      several: true,
      doc: 'These topics, or with :0,1 these partitions of one; may be given again.',
    },
    'all-topics': {
      doc: 'All that the group has committed; on a target where it has nothing, all that the flow copies to it.',
    },
    'topics-from': { value: 'ALIAS', doc: 'The topics that the group has on this source, by their names here.' },
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
    ['groups reset mm2.properties --cluster new --group billing --to-translated --execute', 'to the very record'],
    [
      'groups reset mm2.properties --cluster new --group billing --topic orders:0,1 --shift-by -100 --execute',
      'a hundred back',
    ],
    [
      'groups reset mm2.properties --cluster new --all-groups --all-topics --to-current --export',
      'a copy of all offsets, as CSV',
    ],
  ],
  notes: [
    'SCENARIO is one of --to-datetime, --by-duration, --to-offset, --shift-by, --to-earliest, --to-latest, --to-current, --from-file, --to-translated. The last two need no topics.',
    "Table and CSV are those of Kafka 4.3's tool, rows in order. A group with members is left alone, and said.",
    'Exit codes: 0 planned or written, 1 some group was left alone, has nothing to reset, or was not taken by the cluster, or the user may not describe all groups, 64 the command line is wrong, 69 the cluster does not answer or has no such topic, 77 it refuses, 78 a file cannot be used.',
  ],
  run,
} as const satisfies Command

async function run(context: Context): Promise<number> {
  const file = configured(context)
  if (!file) return unusable
  const execute = executes(context)
  const alias = textOf(context.values, 'cluster')
  if (alias === undefined)
    throw new Failure('USAGE', 'whose groups is not said', {
      remedy: `add --cluster, one of ${file.model.clusters.join(', ')}`,
    })
  clusterNamed(file.model, alias)
  mustNameGroups(context)
  if (listOf(context.values, 'group').length > 0 && flagOf(context.values, 'all-groups'))
    throw new Failure('USAGE', '--group and --all-groups exclude each other', { remedy: 'give only one of them' })
  const scenario = atMostOne(context, scenarioNames)
  if (scenario === undefined) {
    const remedy = `add one of ${scenarioNames.map((name) => `--${name}`).join(', ')}`
    throw new Failure('USAGE', 'where to is not said', { remedy })
  }
  const { reset } = await import('../../../groups/reset.ts')
  return onCluster(file.model, alias, async (side) => {
    const listed = await side.consumerGroups()
    const names =
      listOf(context.values, 'group').length > 0 ? [...new Set(listOf(context.values, 'group'))] : [...listed.keys()]
    const isPartial = flagOf(context.values, 'all-groups') && (await sayHidden(context, [side]))
    await sayUnknown({ context, model: file.model, side }, names, [...listed.keys()])
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

/** Kafka's tool resets groups that do not exist, which makes them: a misspelt name would go unnoticed. */
async function sayUnknown(
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
    const words = `cluster ${side.alias} has no group ${nameText(name)}: it comes to be with --execute`
    context.complain(`godwit: ${words}${meant === undefined ? '' : `; did you mean ${meant}?`}`)
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
  for (const outcome of outcomes) say(context, alias, readable(outcome))
  const rows = outcomes.flatMap((outcome): readonly ResetRow[] => outcome.rows)
  const isExport = flagOf(context.values, 'export')
  // Kafka's tool ends its CSV with an empty line.
  const isOneGroup = listOf(context.values, 'group').length === 1
  context.print(isExport ? `${planCsv(rows, !isOneGroup)}\n` : resetText(readable(rows), outcomes.length > 0))
  if (!execute) context.complain('nothing was changed; add --execute to write this')
}

/** What Kafka's tool says before the table, on standard output; what it does not say, on standard error. */
function say(context: Context, alias: string, { group, state, result, members, rows, plan }: ResetOutcome): void {
  if (result === 'refused' && rows.length === 0) {
    context.print(
      `\nError: Assignments can only be reset if the group '${group}' is inactive, but the current state is ${state}.`,
    )
    const who = members.length > 0 ? `${members.slice(0, 5).join(', ')}${members.length > 5 ? ' ...' : ''}` : 'them'
    context.complain(`godwit: group ${group} on cluster ${alias} has active members: stop ${who}, then try again`)
  }
  for (const { topic, partition } of plan.empty)
    context.print(`\nWarn: Partition ${partition} from topic ${topic} is empty. Falling back to latest known offset.`)
  for (const words of plan.clamped) context.complain(`godwit: group ${group}: ${words}`)
  for (const { refused, remedy } of rows)
    if (refused !== undefined)
      context.complain(`godwit: ${refused}${remedy === undefined ? '' : `\n  remedy: ${remedy}`}`)
  if (result !== 'refused' && rows.length === 0)
    context.complain(
      `godwit: group ${nameText(group)} has nothing to reset on cluster ${alias}: ${nothingBecause(context)}`,
    )
}

/** Why there is nothing to reset, and what to type instead. */
function nothingBecause(context: Context): string {
  if (textOf(context.values, 'from-file') !== undefined) return 'the file has no line for it; name it there'
  if (flagOf(context.values, 'to-translated'))
    return 'nothing that it has committed on the source can be translated; use --to-earliest with --topic TOPIC in place of --to-translated'
  return 'name topics with --topic or --topics-from'
}
