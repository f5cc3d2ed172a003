// `godwit generate`: writes generated records to a topic, to test a migration.
import { Failure } from '../../base/failure.ts'
import { silentLogger } from '../../base/logger.ts'
import type { Generated } from '../../generate/generator.ts'
import { clusterFromOptions, clusterOptions } from '../cluster-options.ts'
import { type Command, type Context, flagOf, textOf } from '../command.ts'
import { durationOf, numberOf, wholeNumberOf } from '../numbers.ts'
import { bytesText, countedText, countText, durationText } from '../output/quantities.ts'
import { outputOption, printResult } from '../output/render.ts'

const codecs = ['none', 'gzip', 'snappy', 'lz4', 'zstd']
/** Repeated here so that help does not load the generator. */
const subjectNames = ['pizza', 'userbehaviour', 'stock', 'metric', 'userbets']
const hourMs = 3_600_000
const progressEveryMs = 5000

export const generateCommand: Command = {
  name: 'generate',
  summary: 'Writes generated records to a topic, at a rate, up to a number, for a time or until stopped.',
  usage:
    'generate --topic-name TOPIC (--bootstrap-server HOST:PORT | --host HOST --port PORT) [--subject SUBJECT] [--nr-messages N] [--max-waiting-time S | --rate N] [--for DURATION] [OPTIONS]',
  arguments: [],
  options: {
    'topic-name': { value: 'TOPIC', doc: 'Topic to write to.' },
    subject: { value: 'SUBJECT', choices: subjectNames, doc: 'Kind of records (default pizza).' },
    'nr-messages': { value: 'N', doc: 'Number of records; 0: until stopped or --for has elapsed (default 1000).' },
    'max-waiting-time': {
      value: 'SECONDS',
      doc: 'Longest wait after each record, chosen at random (default 0).',
    },
    rate: { value: 'N', doc: 'Maximum records per second; 0: no limit (default 0).' },
    for: { value: 'DURATION', doc: 'Stop after e.g. 90s, 10m, 2h; off: never (default 1h).' },
    compression: { value: 'CODEC', choices: codecs, doc: 'Compression of the batches (default none).' },
    'no-keys': { doc: 'Write records without keys.' },
    headers: { doc: 'Add two headers to each record: the producer, and a trace id.' },
    seed: { value: 'N', doc: 'Seed that makes the records repeatable, except their times.' },
    'create-topic': { doc: 'Create the topic if it does not exist.' },
    partitions: { value: 'N', doc: 'Partitions of the topic created by --create-topic (default 3).' },
    'replication-factor': {
      value: 'N',
      doc: "Replication factor of the topic created by --create-topic (default: the broker's).",
    },
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
      'as in migration guides; GODWIT_PASSWORD contains the password',
    ],
  ],
  notes: [
    'Keys and values are JSON. Records with a key go to the partition that the Java client would choose. Records are written with acks=all. After a lost response a batch is sent again, so a few records may be duplicated.',
    'Exit codes: 0 the number or time was reached, or it was stopped; 64, 78 the options are invalid; 69 the cluster does not answer; 77 it denies access.',
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
  const requested = {
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
  if (!subject) throw new TypeError('a subject of --subject is not implemented')
  if (seedNumber >= 0) seed(seedNumber)
  await using control = new Cluster(cluster, silentLogger)
  const make = flagOf(values, 'create-topic') ? { name: topic, ...requested, configs: {} } : undefined
  const codec = codecs.indexOf(textOf(values, 'compression') ?? 'none')
  const writer = await TopicWriter.open(control, topic, codec, make)
  try {
    const started = Date.now()
    const write = (records: Parameters<typeof writer.write>[0]) => writer.write(records)
    const done = await generate({
      settings,
      invent: subject.invent,
      write,
      onWritten: progressReporter(context, started),
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

/** Reports progress on standard error every few seconds: standard output is for the result. */
function progressReporter({ printError }: Context, started: number): (sums: Generated) => void {
  let reportedAt = started
  return ({ records, bytes }) => {
    const now = Date.now()
    if (now - reportedAt < progressEveryMs) return
    reportedAt = now
    const perSecond = (records * 1000) / (now - started)
    printError(`${countedText(records, 'record')}, ${bytesText(bytes)}, ${countText(perSecond)}/s`)
  }
}

const ends = { limit: '--nr-messages reached', time: '--for elapsed', stopped: 'stopped', none: '' }

function doneText({ topic, records, bytes, ms, end }: Generated & { topic: string; ms: number }): string {
  return `${countedText(records, 'record')} (${bytesText(bytes)}) written to ${topic} in ${durationText(ms)}: ${ends[end]}`
}
