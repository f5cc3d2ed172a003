// `godwit generate`: invented records for a topic, to try a migration on before the real ones.
import { Failure } from '../../base/failure.ts'
import { silentLogger } from '../../base/logger.ts'
import type { Generated } from '../../generate/generator.ts'
import { clusterFromOptions, clusterOptions } from '../cluster-options.ts'
import { type Command, type Context, flagOf, textOf } from '../command.ts'
import { durationOf, numberOf, wholeNumberOf } from '../numbers.ts'
import { bytesText, countedText, countText, durationText } from '../output/quantities.ts'
import { outputOption, printResult } from '../output/render.ts'

const codecs = ['none', 'gzip', 'snappy', 'lz4', 'zstd']
/** Named here so that help does not load what invents. */
const subjectNames = ['pizza', 'userbehaviour', 'stock', 'metric', 'userbets']
const hourMs = 3_600_000
const sayEveryMs = 5000

export const generateCommand: Command = {
  name: 'generate',
  summary: 'Writes invented records to a topic, with a limit, at a rate, until stopped.',
  usage:
    'generate --topic-name TOPIC (--bootstrap-server HOST:PORT | --host HOST --port PORT) [--subject SUBJECT] [--nr-messages N] [--max-waiting-time S | --rate N] [--for DURATION] [OPTIONS]',
  arguments: [],
  options: {
    'topic-name': { value: 'TOPIC', doc: 'Where they go.' },
    subject: { value: 'SUBJECT', choices: subjectNames, doc: 'What they are about (default pizza).' },
    'nr-messages': { value: 'N', doc: 'How many; 0: until stopped or --for is over (default 1000).' },
    'max-waiting-time': {
      value: 'SECONDS',
      doc: 'After each record a wait up to this long, drawn at random (default 0).',
    },
    rate: { value: 'N', doc: 'Records per second at most; 0: no limit (default 0).' },
    for: { value: 'DURATION', doc: 'Ends by itself after e.g. 90s, 10m, 2h; off: never (default 1h).' },
    compression: { value: 'CODEC', choices: codecs, doc: 'Of the batches (default none).' },
    'no-keys': { doc: 'Records without keys.' },
    headers: { doc: 'Two headers for each record: who made it, and a trace id.' },
    seed: { value: 'N', doc: 'Makes what is invented repeatable, but for its times.' },
    'create-topic': { doc: 'Make the topic if it is missing.' },
    partitions: { value: 'N', doc: 'Of the topic that --create-topic makes (default 3).' },
    'replication-factor': { value: 'N', doc: "Of the topic that --create-topic makes (default: the broker's)." },
    ...clusterOptions,
    output: outputOption,
  },
  examples: [
    [
      'generate --bootstrap-server localhost:9092 --topic-name pizza-orders --create-topic --rate 100 --nr-messages 0',
      'a hundred orders a second, for an hour or until Ctrl-C',
    ],
    [
      'generate --security-protocol SASL_SSL --sasl-mechanism SCRAM-SHA-256 --username app --host HOST --port 9094 --topic-name pizza-orders --nr-messages 0 --max-waiting-time 0 --subject pizza',
      'as migration guides have it; GODWIT_PASSWORD holds the password',
    ],
  ],
  notes: [
    'Values are JSON, keys too; keyed records go where the Java client would put them. Written with acks=all; after a lost answer a batch is sent again, so a few records may be there twice.',
    'Exit codes: 0 the limit was reached, time was over, or it was stopped; 64 and 78 for what is wrong with the options; 69, 77 when the cluster cannot be written to.',
  ],
  run,
}

async function run(context: Context): Promise<number> {
  const { values, signal } = context
  const topic = required(context)
  const settings = {
    records: wholeNumberOf(values, 'nr-messages', 1000),
    maxWaitMs: numberOf(values, 'max-waiting-time', 0) * 1000,
    rate: numberOf(values, 'rate', 0),
    durationMs: durationOf(values, 'for', hourMs),
    keys: !flagOf(values, 'no-keys'),
    headers: flagOf(values, 'headers'),
  }
  const wished = {
    partitions: wholeNumberOf(values, 'partitions', 3, 1),
    replicationFactor: wholeNumberOf(values, 'replication-factor', -1, 1),
  }
  const seedNumber = wholeNumberOf(values, 'seed', -1)
  const cluster = clusterFromOptions(
    context,
    textOf(values, 'bootstrap-server') ?? textOf(values, 'host') ?? 'the cluster',
  )
  const [{ subjects, seed }, { generate }, { TopicWriter }, { Cluster }] = await Promise.all([
    import('../../generate/subjects.ts'),
    import('../../generate/generator.ts'),
    import('../../generate/topic-writer.ts'),
    import('../../kafka/cluster.ts'),
  ])
  const subject = subjects[textOf(values, 'subject') ?? 'pizza']
  if (!subject) throw new TypeError('a subject that the options name is not there')
  if (seedNumber >= 0) seed(seedNumber)
  await using control = new Cluster(cluster, silentLogger)
  const make = flagOf(values, 'create-topic') ? { name: topic, ...wished, configs: {} } : undefined
  const codec = codecs.indexOf(textOf(values, 'compression') ?? 'none')
  const writer = await TopicWriter.open(control, topic, codec, make)
  try {
    const started = Date.now()
    const write = (records: Parameters<typeof writer.write>[0]) => writer.write(records)
    const done = await generate({
      settings,
      invent: subject.invent,
      write,
      onWritten: teller(context, started),
      signal,
    })
    const result = { topic, partitions: writer.partitions, ...done, ms: Date.now() - started }
    printResult(context, result, () => doneText(result))
    return 0
  } finally {
    await writer.close()
  }
}

function required({ values }: Context): string {
  const topic = textOf(values, 'topic-name')
  if (topic !== undefined) return topic
  throw new Failure('USAGE', '--topic-name is missing', { remedy: 'e.g. --topic-name pizza-orders' })
}

/** Says from time to time how it goes, to standard error: what is printed at the end is the result. */
function teller({ complain }: Context, started: number): (sums: Generated) => void {
  let said = started
  return ({ records, bytes }) => {
    const now = Date.now()
    if (now - said < sayEveryMs) return
    said = now
    const perSecond = (records * 1000) / (now - started)
    complain(`${countedText(records, 'record')}, ${bytesText(bytes)}, ${countText(perSecond)}/s`)
  }
}

const ends = { limit: 'all were asked for', time: 'the time is over', stopped: 'stopped', none: '' }

function doneText({ topic, records, bytes, ms, end }: Generated & { topic: string; ms: number }): string {
  return `${countedText(records, 'record')} (${bytesText(bytes)}) written to ${topic} in ${durationText(ms)}: ${ends[end]}`
}
