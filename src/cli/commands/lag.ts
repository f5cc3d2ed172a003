// `godwit lag`: the lag of every topic; the exit code states whether it is within a limit. For scripts.
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
import { isWithin, type LagRow, type Limit, lagLines, lagRows, rowWithResult } from '../status/lag.ts'
import { everything, type Filter, filterOf } from '../status/selection.ts'
import { flowOption, flowsAsked, httpOption } from './status.ts'

export const lagCommand: Command = {
  name: 'lag',
  summary: 'Shows the lag of every topic; the exit code states whether it is within a limit.',
  usage:
    'lag [FILE] [--fail-above N] [--seconds S] [--flow SOURCE->TARGET] [--topic REGEX] [--output text|json|yaml] [--http HOST:PORT]',
  options: {
    'fail-above': {
      value: 'N',
      doc: 'Exit with 2 when the lag of a topic is above N source offsets (default: no limit).',
    },
    seconds: {
      value: 'S',
      doc: 'Exit with 2 when the oldest record still to copy is older than this (default: no limit).',
    },
    flow: flowOption,
    topic: { value: 'REGEX', doc: 'Only topics with a match of this regular expression in their name (default: all).' },
    'secrets-dir': secretsOption,
    output: outputOption,
    http: httpOption,
  },
  notes: [
    'Without FILE the lag is requested from a running godwit. With FILE (an mm2.properties or KafkaMirrorMaker2 YAML) no running godwit is needed: the end offsets of the source are compared with the positions that godwit, or MirrorMaker 2 before it, has stored on the target. These are about a second old while godwit runs. Nothing is changed. The lag in seconds cannot be computed from them, so --seconds needs a running godwit.',
    'One line for each topic of each flow: fine, above or unknown, flow, topic, lag in source offsets, seconds. An unknown lag is not within any limit. A lag is unknown while a flow starts, stands by or selects no topic, a cluster does not answer, a topic is not created yet or a partition has stopped. A running godwit lists the source offsets before it answers.',
    'Exit codes: 0 every lag is known and within the limits, 2 one is above or unknown, 64 the command line is invalid or names a flow or topic that does not exist, 69 no godwit answers, 78 FILE has problems.',
  ],
  examples: [
    ['lag --fail-above 0', 'have all records been copied?'],
    ['lag --fail-above 1000 --seconds 30 --topic ^orders', 'close enough to switch consumers of orders'],
    ['lag mm2.properties', 'what is left to copy, without a running godwit'],
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
    throw wrong(`'${context.positionals[1] ?? ''}' is an unexpected argument`)
  }
  const rows =
    context.positionals.length === 0
      ? await reportedLag(context, filter, limit)
      : await storedLagRows(context, filter, limit)
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

/** Lag reported by a running godwit. */
async function reportedLag(context: Context, filter: Filter, limit: Limit): Promise<readonly LagRow[]> {
  const answer = await fetchStatus(parseAddress(textOf(context.values, 'http') ?? defaultAddress), context.signal, true)
  const flows = flowsAsked(answer, textOf(context.values, 'flow'))
  const rows = lagRows(flows, filter, limit)
  const topics = flows.flatMap((flow) => flow.topics.map(({ topic }) => topic))
  return orNotFound(context, rows, topics)
}

/** Lag by the positions stored on the target. Undefined, after its problems were printed, when FILE cannot be used. */
async function storedLagRows(context: Context, filter: Filter, limit: Limit): Promise<readonly LagRow[] | undefined> {
  if (limit.seconds !== undefined) {
    throw wrong(
      '--seconds needs a running godwit: stored positions do not contain the age of records',
      'omit FILE, or omit --seconds',
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
    return rowWithResult({ flow: flow.settings.name, topic, lag, seconds: null, reason }, limit)
  })
  return orNotFound(
    context,
    rows,
    partitions.map(({ topic }) => topic),
  )
}

/** Refuses an empty result: a pattern without a match would be within every limit. */
function orNotFound({ values }: Context, rows: readonly LagRow[], topics: readonly string[]): readonly LagRow[] {
  if (rows.length > 0) return rows
  const pattern = textOf(values, 'topic')
  if (pattern === undefined) throw new Failure('USAGE', 'no topic is copied', { remedy: "see 'godwit status'" })
  const known = [...new Set(topics)]
  const more = known.length > 20 ? ` and ${known.length - 20} more` : ''
  throw wrong(`no topic matches ${pattern}`, `there are ${known.slice(0, 20).join(', ')}${more}`)
}

function wrong(sentence: string, remedy = "see 'godwit lag --help'"): Failure {
  return new Failure('USAGE', sentence, { remedy })
}
