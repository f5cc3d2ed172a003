// Plans of `godwit groups reset`: scenario and partitions of each group, from the command line, a CSV file, or the committed
// offsets of the group on the source of a flow.

import { readFileSync } from 'node:fs'
import { counted } from '../../../base/counted.ts'
import { Failure, sentenceOf } from '../../../base/failure.ts'
import { nameText } from '../../../base/readable.ts'
import type { Flow, Model } from '../../../config/model.ts'
import type { NewOffset } from '../../../groups/kafka-text.ts'
import type { OffsetLookup } from '../../../groups/offset-lookup.ts'
import type { ResetRequest } from '../../../groups/reset.ts'
import type { Scenario } from '../../../groups/reset-plan.ts'
import type { ClusterSide } from '../../../groups/side.ts'
import type { AssignedPartition } from '../../../kafka/group-details.ts'
import type { CommittedOffset } from '../../../kafka/groups.ts'
import { type Context, flagOf, listOf, textOf } from '../../command.ts'
import { flowOf, unknownName } from '../../configured.ts'

/** Exactly one of these options must be given. */
export const scenarioNames = [
  'to-datetime',
  'by-duration',
  'to-offset',
  'shift-by',
  'to-earliest',
  'to-latest',
  'to-current',
  'from-file',
  'to-translated',
] as const

type ScenarioName = (typeof scenarioNames)[number]

export interface PlansParts {
  readonly context: Context
  readonly model: Model
  /** the cluster whose groups are reset */
  readonly side: ClusterSide
  readonly scenario: string
  readonly groups: readonly string[]
}

type Planned = Pick<ResetRequest, 'scenario' | 'scope' | 'suggestion'>
type Scope = ResetRequest['scope']

/** The source of the flow to this cluster, with the committed offsets of groups there. */
interface Origin {
  readonly source: ClusterSide
  readonly lookup: OffsetLookup
  committed(group: string): Promise<readonly CommittedOffset[]>
}

interface Plans extends AsyncDisposable {
  of(group: string): Promise<Planned>
}

/** Prepares the plans of all groups. @throws Failure USAGE; CONFIG_INVALID for the file of --from-file; or of a cluster */
export async function newPlans(parts: PlansParts): Promise<Plans> {
  const { context, scenario } = parts
  const fixed = await fixedScenario(parts)
  const explicit = scenario === 'from-file' || scenario === 'to-translated' ? () => [] : await namedScope(parts)
  const cleanup = new AsyncDisposableStack()
  let origin: Promise<Origin> | undefined
  const fromOrigin = () => (origin ??= openOrigin(parts, cleanup))
  return {
    of: async (group) => ({
      ...(fixed ? { scenario: fixed } : await sourceScenario(context, group, await fromOrigin(), scenario)),
      scope: explicit ?? (await scopeOf(parts, group, fromOrigin)),
    }),
    [Symbol.asyncDispose]: () => cleanup.disposeAsync(),
  }
}

/** The scenario if the command line determines it; undefined if it depends on offsets of the source. */
async function fixedScenario({ context, scenario, groups }: PlansParts): Promise<Scenario | undefined> {
  const { values } = context
  const text = textOf(values, scenario) ?? ''
  const { parseDuration } = await import('../../../groups/reset-times.ts')
  switch (scenario as ScenarioName) {
    case 'to-datetime':
      return text === 'suggest' ? undefined : { kind: 'to-time', at: await timeIn(context, text) }
    case 'by-duration':
      // ListOffsets gives negative timestamps a special meaning.
      return { kind: 'to-time', at: Math.max(0, Date.now() - parseDuration(text)) }
    case 'to-offset':
      return { kind: 'to-offset', offset: numberOf('to-offset', text) }
    case 'shift-by':
      return { kind: 'shift-by', by: numberOf('shift-by', text) }
    case 'to-earliest':
    case 'to-latest':
    case 'to-current':
      return { kind: scenario as 'to-earliest' | 'to-latest' | 'to-current' }
    case 'from-file':
      return { kind: 'given', rows: await planIn(text, flagOf(values, 'all-groups') ? [] : groups) }
    case 'to-translated':
      return undefined
  }
}

/** The time of --to-datetime in ms; text that Kafka's tool ignores is reported. @throws Failure USAGE */
async function timeIn(context: Context, text: string): Promise<number> {
  const { ignoredText, parseDatetime } = await import('../../../groups/reset-times.ts')
  const time = parseDatetime(text)
  const words = ignoredText(text, time)
  if (words !== undefined) context.printError(`godwit: ${words}`)
  return Math.max(0, time.at)
}

async function planIn(file: string, groups: readonly string[]): Promise<NewOffset[]> {
  const { parsePlan } = await import('../../../groups/reset-csv.ts')
  const rows = parsePlan(read(file), groups, file)
  for (const group of groups) {
    if (!rows.some((row) => row.group === group)) throw unknownName(`plan in ${file} for group`, group, namesIn(rows))
  }
  return rows
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new Failure('CONFIG_INVALID', `the plan cannot be read: ${sentenceOf(cause)}`, {
      file,
      remedy: 'give the path of a CSV file in the format of --export',
    })
  }
}

/** Partitions given by --topic; undefined if they depend on the group. @throws Failure USAGE */
async function namedScope({ context, side }: PlansParts): Promise<Scope | undefined> {
  const { values } = context
  const named = listOf(values, 'topic')
  const given = [
    named.length > 0 && 'topic',
    flagOf(values, 'all-topics') && 'all-topics',
    textOf(values, 'topics-from') && 'topics-from',
  ]
  const [first, second] = given.filter((name) => typeof name === 'string')
  if (second !== undefined)
    throw new Failure('USAGE', `--${first} and --${second} exclude each other`, { remedy: 'give only one of them' })
  if (first === undefined)
    throw new Failure('USAGE', 'no topics are given', {
      remedy: 'add --topic TOPIC ..., --all-topics, or --topics-from ALIAS',
    })
  if (first !== 'topic') return undefined
  const { topics } = await side.cluster.metadata()
  const partitions = named.flatMap((word) => {
    const [topic = '', list] = partsOf(word)
    const count = topics.get(topic)?.partitions.length
    if (count === undefined) throw unknownName(`topic on cluster ${side.alias}:`, topic, [...topics.keys()].sort())
    const numbers = list?.split(',').map((number) => numberOf('topic', number)) ?? [...Array(count).keys()]
    return numbers.map((partition) => ({ topic, partition }))
  })
  return () => unique(partitions)
}

/** `orders:0,1` -> topic and partitions; names of topics contain no colon. @throws Failure USAGE */
function partsOf(word: string): readonly string[] {
  const parts = word.split(':')
  if (parts.length <= 2 && parts.every((part) => part !== '')) return parts
  throw new Failure('USAGE', `'${word}' names no partitions`, {
    remedy: 'write TOPIC, or TOPIC:0,1 for some of its partitions',
  })
}

/** Partitions of a group for --all-topics and --topics-from. */
async function scopeOf(
  { context, model, side }: PlansParts,
  group: string,
  origin: () => Promise<Origin>,
): Promise<Scope> {
  if (textOf(context.values, 'topics-from') !== undefined) return targetsOf(await origin(), group)
  const isTarget = model.flows.some(({ settings }) => settings.enabled && settings.target === side.alias)
  const known = (await side.consumerGroups()).get(group)
  const { committedBy } = await import('../../../groups/translate.ts')
  const committed = known ? ((await committedBy(side, [known])).get(group) ?? []) : []
  if (committed.length > 0 || !isTarget) return (own) => own
  const { lookup } = await origin()
  const copies = lookup.copiedTopics.map((topic) => lookup.nameOnTarget(topic))
  const partitions = copies.flatMap((topic) =>
    (lookup.target.topics.get(topic)?.partitions ?? []).map(({ index }) => ({ topic, partition: index })),
  )
  context.printError(
    `godwit: group ${nameText(group)} has committed nothing on cluster ${side.alias}: --all-topics selects the ${counted(copies.length, 'topic')} that the flow copies to it`,
  )
  return () => partitions
}

async function targetsOf({ committed, lookup, source }: Origin, group: string): Promise<Scope> {
  const copied = new Set(lookup.copiedTopics)
  const own = (await committed(group)).filter(({ topic }) => copied.has(topic))
  const partitions = own.map(({ topic, partition }) => ({ topic: lookup.nameOnTarget(topic), partition }))
  const missing = partitions.find(({ topic }) => !lookup.target.topics.has(topic))
  if (missing)
    throw new Failure('UNKNOWN_TOPIC', `topic ${missing.topic} of cluster ${source.alias} is not on the target yet`, {
      ...{ topic: missing.topic, group },
      remedy: 'let godwit copy it first, or select topics with --topic',
    })
  return () => partitions
}

/** The scenario of a group for --to-datetime suggest and --to-translated, from its offsets on the source. */
async function sourceScenario(
  context: Context,
  group: string,
  origin: Origin,
  scenario: string,
): Promise<Omit<Planned, 'scope'>> {
  const { lookup, source } = origin
  const committed = await origin.committed(group)
  if (scenario === 'to-translated') {
    const translated = (await lookup.translate(new Map([[group, committed]]))).get(group) ?? []
    for (const { topic, partition, downstream, why, note } of translated) {
      const words = downstream < 0 ? `is left out: ${why ?? 'its translated offset is not known'}` : note
      if (words !== undefined) context.printError(`godwit: group ${nameText(group)}: ${topic}-${partition} ${words}`)
    }
    const rows = translated.flatMap(({ targetTopic: topic, partition, downstream: offset }) =>
      offset < 0 ? [] : [{ group, topic, partition, offset }],
    )
    return { scenario: { kind: 'given', rows } }
  }
  const { suggestionText, suggestTime } = await import('../../../groups/suggest-time.ts')
  const suggestion = await suggestTime(lookup, source, committed)
  if (!suggestion) {
    throw new Failure(
      'USAGE',
      `no time can be suggested for group ${group}: it has committed nothing on cluster ${source.alias} that the flow copies`,
      {
        remedy: 'give a time, or use --to-earliest',
      },
    )
  }
  context.printError(`godwit: ${suggestionText(nameText(group), suggestion)}`)
  return { scenario: { kind: 'to-time', at: suggestion.at }, suggestion }
}

async function openOrigin({ context, model, side }: PlansParts, cleanup: AsyncDisposableStack): Promise<Origin> {
  const flow = flowTo(context, model, side.alias)
  const { ClusterSide: Opened } = await import('../../../groups/side.ts')
  const { OffsetLookup: Lookup } = await import('../../../groups/offset-lookup.ts')
  const { committedBy } = await import('../../../groups/translate.ts')
  const { silentLogger } = await import('../../../base/logger.ts')
  const source = cleanup.use(new Opened(flow.sourceAdmin))
  const { settings, sourceAdmin, targetCluster } = flow
  const clusters = { source: source.cluster, target: side.cluster }
  const lookup = cleanup.use(
    await Lookup.open({ settings, sourceAdmin, targetCluster, ...clusters, log: silentLogger }),
  )
  const listed = await source.consumerGroups()
  return {
    source,
    lookup,
    committed: async (group) => {
      const known = listed.get(group)
      if (!known) throw unknownName(`group on cluster ${source.alias}:`, group, [...listed.keys()])
      return (await committedBy(source, [known])).get(group) ?? []
    },
  }
}

/** Names of the groups on the sources of the flows to this cluster, for suggestions. Sources that do not answer are skipped. */
export async function groupsOfSources(model: Model, target: string): Promise<string[]> {
  const { ClusterSide: Opened } = await import('../../../groups/side.ts')
  const flows = model.flows.filter(({ settings }) => settings.enabled && settings.target === target)
  const found = flows.map(async ({ sourceAdmin }) => {
    await using source = new Opened(sourceAdmin)
    return [...(await source.consumerGroups().catch(() => new Map<string, unknown>())).keys()]
  })
  return (await Promise.all(found)).flat()
}

/** The flow to this cluster. @throws Failure USAGE when there is none, or several and --flow or --topics-from selects none */
function flowTo(context: Context, model: Model, target: string): Flow {
  const from = textOf(context.values, 'topics-from')
  const all = model.flows.filter(({ settings }) => settings.enabled && settings.target === target)
  const sources = all.map(({ settings }) => settings.source)
  if (from !== undefined && !sources.includes(from)) throw unknownName(`flow to ${target} from`, from, sources)
  const fitting = from === undefined ? all : all.filter(({ settings }) => settings.source === from)
  const [only] = fitting
  if (fitting.length === 1 && only && textOf(context.values, 'flow') === undefined) return only
  const flow = flowOf(context, model)
  if (fitting.includes(flow)) return flow
  throw unknownName(
    `flow to ${target}:`,
    flow.settings.name,
    all.map(({ settings }) => settings.name),
  )
}

function numberOf(option: string, text: string): number {
  if (/^[+-]?\d+$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text)
  throw new Failure('USAGE', `--${option} must be a whole number, not '${text}'`, {
    remedy: `see 'godwit groups reset --help'`,
  })
}

function unique(partitions: readonly AssignedPartition[]): AssignedPartition[] {
  return [...new Map(partitions.map((one) => [`${one.topic}-${one.partition}`, one])).values()]
}

const namesIn = (rows: readonly NewOffset[]) => [...new Set(rows.map(({ group }) => group))]
