// `godwit offsets FILE`: offsets of one cluster in the format of kafka-get-offsets.sh, or of both sides of a flow.
import { Failure } from '../../base/failure.ts'
import type { Model } from '../../config/model.ts'
import type { ComparedOffsets } from '../../groups/offsets.ts'
import { failureText } from '../cli.ts'
import { type Command, type Context, flagOf, listOf, textOf } from '../command.ts'
import { configured, flowOptions, unusable } from '../configured.ts'
import { exits } from '../exit-codes.ts'
import { formatOf, outputOption, printResult } from '../output/render.ts'
import { type Column, tableLines } from '../output/table.ts'
import { clusterOption, noTopic, onBothSides, onCluster, topicPatterns, withLookup } from './groups/chosen.ts'

export const offsetsCommand = {
  name: 'offsets',
  summary:
    'Shows start and end offsets of partitions: of one cluster as kafka-get-offsets.sh does, or of both sides with the position of the flow.',
  usage:
    'offsets FILE [--flow SOURCE->TARGET | --cluster ALIAS] [--topic REGEX...] [--time TIME] [--exclude-internal-topics] [--output text|json|yaml]',
  arguments: ['FILE'],
  options: {
    ...flowOptions,
    cluster: clusterOption,
    topic: { value: 'REGEX', several: true, doc: 'Only topics whose whole name matches one of these Java patterns.' },
    time: {
      value: 'TIME',
      doc: 'With --cluster: latest (default), earliest, max-timestamp, or ms since 1970: the first record of that time or later.',
    },
    'exclude-internal-topics': { doc: "With --cluster: omit Kafka's internal topics." },
    output: outputOption,
  },
  examples: [
    ['offsets mm2.properties', 'start, end and copied position of all copied partitions'],
    ["offsets mm2.properties --cluster old --topic 'orders.*'", 'the lines kafka-get-offsets.sh prints'],
    ['offsets mm2.properties --cluster new --time 1767225600000', 'where the records of 2026 begin'],
  ],
  notes: [
    "COPIED is the next source offset to copy. It is read from godwit's positions on the target. Without a position it is found by comparing the ends of both logs. Otherwise it is read from MirrorMaker 2's offsets, which can be a minute old, and shown with a question mark.",
    'With --time, a partition without a record of that time or later is omitted.',
    'Exit codes: 0 shown, 1 offsets of some partitions could not be read (reported on standard error), 64 the command line is invalid or no topic matches, 69 a cluster does not answer, 77 a cluster denies access, 78 FILE cannot be used.',
  ],
  run,
} as const satisfies Command

const columns: readonly Column[] = [
  { title: 'TOPIC', alignment: 'left' },
  { title: 'PARTITION', alignment: 'right' },
  { title: 'START', alignment: 'right' },
  { title: 'END', alignment: 'right' },
  { title: 'COPIED', alignment: 'right' },
  { title: 'LAG', alignment: 'right' },
  { title: 'ON TARGET', alignment: 'left' },
  { title: 'START', alignment: 'right' },
  { title: 'END', alignment: 'right' },
]

async function run(context: Context): Promise<number> {
  const file = configured(context)
  if (!file) return unusable
  const alias = textOf(context.values, 'cluster')
  if (alias !== undefined) return showOne(context, file.model, alias)
  const only = ['time', 'exclude-internal-topics'].find((name) => context.values[name] !== undefined)
  if (only !== undefined)
    throw new Failure('USAGE', `--${only} needs --cluster`, { remedy: 'add --cluster ALIAS, or omit the option' })
  return showBoth(context, file.model)
}

async function showOne(context: Context, model: Model, alias: string): Promise<number> {
  const { values } = context
  const patterns = listOf(values, 'topic')
  const accepts = await topicPatterns(patterns)
  const { offsetsAt, parseTime, partitionsOf } = await import('../../groups/offsets.ts')
  const { getOffsetsText } = await import('../../groups/kafka-text.ts')
  const at = parseTime(textOf(values, 'time') ?? 'latest')
  const withOwn = !flagOf(values, 'exclude-internal-topics')
  return onCluster(model, alias, async (side) => {
    const internal = new Set(
      withOwn
        ? []
        : [...(await side.cluster.metadata()).topics.values()].flatMap((one) => (one.internal ? one.name : [])),
    )
    const partitions = await partitionsOf(side, (topic) => accepts(topic) && !internal.has(topic))
    if (partitions.length === 0)
      throw noTopic(patterns, `on cluster ${alias}`, await namesOf(() => partitionsOf(side, () => true)))
    const { offsets, failures } = await offsetsAt(side, partitions, at)
    for (const failure of failures) context.printError(failureText(failure))
    const isNothing = offsets.length === 0 && formatOf(context) === 'text'
    if (!isNothing) printResult(context, { cluster: alias, offsets }, () => getOffsetsText(offsets))
    return failures.length > 0 ? exits.found.code : exits.fine.code
  })
}

async function showBoth(context: Context, model: Model): Promise<number> {
  const patterns = listOf(context.values, 'topic')
  const accepts = await topicPatterns(patterns)
  const { compareOffsets } = await import('../../groups/offsets.ts')
  return onBothSides(context, model, (sides) =>
    withLookup(sides, async (lookup) => {
      const partitions = await compareOffsets(lookup, sides, accepts)
      const flow = sides.flow.settings.name
      if (partitions.length === 0 && patterns.length > 0)
        throw noTopic(patterns, `that ${flow} copies`, lookup.copiedTopics)
      printResult(
        context,
        { flow, partitions },
        () => `${flow}\n${tableLines(columns, partitions.map(rowOf)).join('\n')}`,
      )
      return exits.fine.code
    }),
  )
}

async function namesOf(ask: () => Promise<readonly { readonly topic: string }[]>): Promise<string[]> {
  return [...new Set((await ask()).map(({ topic }) => topic))]
}

function rowOf(row: ComparedOffsets): string[] {
  const { topic, partition, sourceStart, sourceEnd, copied, lag, targetTopic, targetStart, targetEnd } = row
  const unsure = copied?.by === 'mm2' ? '?' : ''
  return [
    ...[topic, String(partition), shown(sourceStart), shown(sourceEnd)],
    ...[copied ? `${copied.upstream}${unsure}` : '-', shown(lag)],
    ...[targetEnd === undefined ? `${targetTopic} (missing)` : targetTopic, shown(targetStart), shown(targetEnd)],
  ]
}

const shown = (value: number | undefined) => (value === undefined ? '-' : String(value))
