// `godwit lag`: how far every topic is behind, and by its exit code whether that is little enough. For scripts.
import { Failure } from '../../base/failure.ts'
import { silentLogger } from '../../base/logger.ts'
import { nothingSelected } from '../../completeness/assess.ts'
import { parseAddress } from '../../http/address.ts'
import { fetchStatus } from '../../http/client.ts'
import { defaultAddress } from '../../http/contract.ts'
import { type Command, type Context, textOf } from '../command.ts'
import { configured, flowOf, unusable } from '../configured.ts'
import { exits } from '../exit-codes.ts'
import { numberOf } from '../numbers.ts'
import { outputOption, printResult } from '../output/render.ts'
import { secretsOption } from '../read-configuration.ts'
import { printable } from '../screen/spans.ts'
import { isWithin, judged, type LagRow, type Limit, lagLines, lagRows } from '../status/lag.ts'
import { everything, type Filter, filterOf } from '../status/selection.ts'
import { flowOption, flowsAsked, httpOption } from './status.ts'

export const lagCommand: Command = {
  name: 'lag',
  summary: 'Says how far every topic is behind, and by its exit code whether that is within a limit.',
  usage:
    'lag [FILE] [--fail-above N] [--seconds S] [--flow SOURCE->TARGET] [--topic REGEX] [--output text|json|yaml] [--http HOST:PORT]',
  options: {
    'fail-above': {
      value: 'N',
      doc: 'End with 2 when a topic has more records than this still to come (default: any number is fine).',
    },
    seconds: {
      value: 'S',
      doc: 'End with 2 when the oldest record still to come is older than this (default: any age is fine).',
    },
    flow: flowOption,
    topic: { value: 'REGEX', doc: 'Only topics whose name matches this regular expression somewhere (default: all).' },
    'secrets-dir': secretsOption,
    output: outputOption,
    http: httpOption,
  },
  notes: [
    'Without FILE a running godwit is asked. With FILE (an mm2.properties or KafkaMirrorMaker2 YAML) nobody needs to run: the ends of the source are compared with what godwit, or MirrorMaker 2 before it, has stored on the target last, about a second ago while godwit runs. Nothing is changed. How many seconds that is cannot be told from there, so --seconds needs a running godwit.',
    'One line for each topic of each flow: fine, above or unknown, flow, topic, lag in source offsets, seconds. What is not known, because a flow starts, stands by or selects no topic, a cluster does not answer, a topic is not created yet or a partition has stopped, is not within any limit. A running godwit lists its sources before it answers.',
    'Exit codes: 0 every lag is known and within the limits, 2 one is above or unknown, 64 the command line is wrong or names a flow or topic that does not exist, 69 no godwit answers, 78 FILE has problems.',
  ],
  examples: [
    ['lag --fail-above 0', 'has everything arrived?'],
    ['lag --fail-above 1000 --seconds 30 --topic ^orders', 'close enough to switch consumers of orders'],
    ['lag mm2.properties', 'what would be left to copy, while nothing runs'],
  ],
  run,
}

async function run(context: Context): Promise<number> {
  const limit = {
    records: numberOf(context.values, 'fail-above', undefined),
    seconds: numberOf(context.values, 'seconds', undefined),
  }
  const pattern = textOf(context.values, 'topic')
  const filter = pattern === undefined ? everything : filterOf(pattern)
  if (context.positionals.length > 1) {
    throw wrong(`'${context.positionals[1] ?? ''}' is one argument too many`)
  }
  const rows =
    context.positionals.length === 0 ? await asked(context, filter, limit) : await computed(context, filter, limit)
  if (!rows) return unusable
  const isFine = isWithin(rows)
  printResult(
    context,
    { within: isFine, limit: { records: limit.records ?? null, seconds: limit.seconds ?? null }, lags: rows },
    () =>
      lagLines(rows)
        .map((line) => printable(line))
        .join('\n'),
  )
  return isFine ? exits.fine.code : exits.notYet.code
}

/** Of a running godwit. */
async function asked(context: Context, filter: Filter, limit: Limit): Promise<readonly LagRow[]> {
  const answer = await fetchStatus(parseAddress(textOf(context.values, 'http') ?? defaultAddress), context.signal, true)
  const flows = flowsAsked(answer, textOf(context.values, 'flow'))
  const rows = lagRows(flows, filter, limit)
  const topics = flows.flatMap((flow) => flow.topics.map(({ topic }) => topic))
  return orRefused(context, rows, topics)
}

/** From what is stored on the target. Undefined when FILE cannot be used, which was said. */
async function computed(context: Context, filter: Filter, limit: Limit): Promise<readonly LagRow[] | undefined> {
  if (limit.seconds !== undefined) {
    throw wrong(
      '--seconds needs a running godwit: how old records are cannot be told from stored positions',
      'leave FILE out, or --seconds',
    )
  }
  const file = configured(context)
  if (!file) return undefined
  const flow = flowOf(context, file.model)
  const { storedLag } = await import('../../engine/stored-lag.ts')
  const { selectsTopic, partitions } = await storedLag({ ...flow, log: silentLogger })
  if (!selectsTopic)
    return [{ flow: flow.settings.name, lag: null, seconds: null, result: 'unknown', reason: nothingSelected }]
  const topics = [...Map.groupBy(partitions, ({ topic }) => topic)]
    .filter(([topic]) => filter(topic))
    .sort(([a], [b]) => (a < b ? -1 : 1))
  const rows = topics.map(([topic, list]): LagRow => {
    const lag = list.some((one) => one.lag === null) ? null : list.reduce((sum, one) => sum + (one.lag ?? 0), 0)
    const reason = list.find(({ why }) => why !== undefined)?.why
    return judged({ flow: flow.settings.name, topic, lag, seconds: null, reason }, limit)
  })
  return orRefused(
    context,
    rows,
    partitions.map(({ topic }) => topic),
  )
}

/** A pattern that chooses nothing would be within every limit for ever. */
function orRefused({ values }: Context, rows: readonly LagRow[], topics: readonly string[]): readonly LagRow[] {
  if (rows.length > 0) return rows
  const pattern = textOf(values, 'topic')
  if (pattern === undefined)
    throw new Failure('USAGE', 'there is no topic that is copied', { remedy: "see 'godwit status'" })
  const known = [...new Set(topics)]
  const more = known.length > 20 ? ` and ${known.length - 20} more` : ''
  throw wrong(`no topic matches ${pattern}`, `there are ${known.slice(0, 20).join(', ')}${more}`)
}

function wrong(sentence: string, remedy = "see 'godwit lag --help'"): Failure {
  return new Failure('USAGE', sentence, { remedy })
}
