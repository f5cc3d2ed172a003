// `godwit topics FILE`: the topics of one cluster, or of both sides of a flow.
import { counted } from '../../base/counted.ts'
import type { Model } from '../../config/model.ts'
import type { ComparedTopic, TopicView } from '../../preflight/topics.ts'
import { type Command, type Context, flagOf, textOf } from '../command.ts'
import { configured, flowOptions, unusable } from '../configured.ts'
import { exits } from '../exit-codes.ts'
import { countText } from '../output/quantities.ts'
import { outputOption, printResult } from '../output/render.ts'
import { type Column, tableLines } from '../output/table.ts'
import { clusterOption, noTopic, onBothSides, onCluster, topicPatterns } from './groups/chosen.ts'

export const topicsCommand = {
  name: 'topics',
  summary:
    'Shows which topics a flow copies, why it does not copy the others, and how source and target differ; or the topics of one cluster.',
  usage: 'topics FILE [--flow SOURCE->TARGET | --cluster ALIAS] [--match REGEX] [--internal] [--output text|json|yaml]',
  arguments: ['FILE'],
  options: {
    ...flowOptions,
    cluster: clusterOption,
    match: { value: 'REGEX', doc: 'Only topics whose whole name matches this Java pattern.' },
    internal: { doc: 'Also show internal topics of Kafka and MirrorMaker 2.' },
    output: outputOption,
  },
  examples: [
    ['topics mm2.properties', 'copied topics, others with the reason, and differences on the target'],
    ["topics mm2.properties --cluster new --match 'orders.*'", 'the topics of one cluster'],
  ],
  notes: [
    'RECORDS is the sum of end minus start offset of all partitions: it includes offsets of transaction markers and of compacted records. CONFIGS counts the configs that the flow would change on the target; they are listed below the table.',
    'Exit codes: 0 shown, 64 the command line is invalid or no topic matches, 69 a cluster does not answer, 77 a cluster denies access, 78 FILE cannot be used.',
  ],
  run,
} as const satisfies Command

const oneSide: readonly Column[] = [
  { title: 'TOPIC', alignment: 'left' },
  { title: 'PARTITIONS', alignment: 'right' },
  { title: 'REPLICAS', alignment: 'right' },
  { title: 'RECORDS', alignment: 'right' },
]
const bothSides: readonly Column[] = [
  { title: 'TOPIC', alignment: 'left' },
  { title: 'ON TARGET', alignment: 'left' },
  { title: 'PARTITIONS', alignment: 'right' },
  { title: 'RECORDS', alignment: 'right' },
  { title: 'CONFIGS', alignment: 'right' },
  { title: 'WHY', alignment: 'left' },
]

async function run(context: Context): Promise<number> {
  const file = configured(context)
  if (!file) return unusable
  const alias = textOf(context.values, 'cluster')
  await (alias === undefined ? showBoth(context, file.model) : showOne(context, file.model, alias))
  return exits.fine.code
}

async function choice({ values }: Context) {
  const pattern = textOf(values, 'match')
  const accepts = await topicPatterns(pattern === undefined ? [] : [pattern])
  return { pattern, accepts, internal: flagOf(values, 'internal') }
}

async function showOne(context: Context, model: Model, alias: string): Promise<void> {
  const { pattern, accepts, internal } = await choice(context)
  const { topicsOf } = await import('../../preflight/topics.ts')
  await onCluster(model, alias, async (side) => {
    const topics = await topicsOf(side, { accepts, internal })
    if (topics.length === 0 && pattern !== undefined) {
      const all = await topicsOf(side, { accepts: () => true, internal: true })
      throw noTopic(
        [pattern],
        `on cluster ${alias}`,
        all.map(({ topic }) => topic),
      )
    }
    printResult(context, { cluster: alias, topics }, () => tableLines(oneSide, topics.map(oneRow)).join('\n'))
  })
}

async function showBoth(context: Context, model: Model): Promise<void> {
  const { pattern, accepts, internal } = await choice(context)
  const { compareTopics } = await import('../../preflight/topics.ts')
  await onBothSides(context, model, async ({ source, target, flow }) => {
    const topics = await compareTopics({ source, target }, flow.settings, { accepts, internal })
    if (topics.length === 0 && pattern !== undefined) {
      const all = await compareTopics({ source, target }, flow.settings, { accepts: () => true, internal: true })
      throw noTopic(
        [pattern],
        `on cluster ${source.alias}`,
        all.map(({ topic }) => topic),
      )
    }
    printResult(context, { flow: flow.settings.name, topics }, () => bothText(flow.settings.name, topics))
  })
}

const oneRow = ({ topic, partitions, replicas, records }: TopicView) => [
  topic,
  String(partitions),
  String(replicas),
  countText(records),
]

function bothText(flow: string, topics: readonly ComparedTopic[]): string {
  const copied = topics.filter(({ replicate }) => replicate)
  const lines = tableLines(bothSides, [...copied, ...topics.filter(({ replicate }) => !replicate)].map(bothRow))
  const configs = copied.flatMap(({ topic, configs: own, problem }) => [
    ...own.map(({ name, source, target }) => `  ${topic}: ${name} = ${shown(source)}, on the target ${shown(target)}`),
    ...(problem === undefined ? [] : [`  ${topic}: configs cannot be compared: ${problem}`]),
  ])
  const head = `${flow}: copies ${copied.length} of ${counted(topics.length, 'topic')}`
  return [
    head,
    ...lines,
    ...(configs.length > 0 ? ['Configs that the flow would change on the target:', ...configs] : []),
  ].join('\n')
}

function bothRow({ topic, replicate, why, source, target, targetTopic, configs }: ComparedTopic): string[] {
  if (!replicate) return [topic, '-', String(source.partitions), countText(source.records), '-', `not copied: ${why}`]
  const pair = (count: (counts: typeof source) => string) => `${count(source)} / ${target ? count(target) : '-'}`
  return [
    topic,
    target ? (targetTopic ?? '') : `${targetTopic} (missing)`,
    pair(({ partitions }) => String(partitions)),
    pair(({ records }) => countText(records)),
    target ? String(configs.length) : '-',
    why,
  ]
}

const shown = (value: string | null) => (value === null ? '(not readable)' : value === '' ? '(empty)' : value)
