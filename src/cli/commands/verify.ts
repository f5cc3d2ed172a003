// `godwit verify FILE`: proof that the target holds what the source held.
import { accessSync, constants, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Failure, sentenceOf } from '../../base/failure.ts'
import type { Report } from '../../verify/report.ts'
import { type Command, type Context, flagOf, listOf, textOf } from '../command.ts'
import { configured, flowOf, flowOptions, unusable } from '../configured.ts'
import { exits } from '../exit-codes.ts'
import { createLogger } from '../log-writer.ts'
import { wholeNumberOf } from '../numbers.ts'
import { bytesText, countedText, countText } from '../output/quantities.ts'
import { outputOption, printResult } from '../output/render.ts'

const depths = ['offsets', 'counts', 'sample', 'full'] as const
const DEFAULT_MEMORY = 64 * 1024 * 1024
const LEAST_MEMORY = 8 * 1024 * 1024
const DEFAULT_WAIT_S = 30
const DEFAULT_DIFFERENCES = 100
const PROGRESS_MS = 5000

export const verifyCommand: Command = {
  name: 'verify',
  summary: 'Proves that the target holds what the source held: records, order, configs, ACLs, groups.',
  usage:
    'verify FILE [--flow A->B] [--depth offsets|counts|sample|full] [--topic REGEX...] [--report DIR|FILE.html] [--resume FILE] [--wait SECONDS] [--memory BYTES] [--differences N] [--show-records] [--output text|json|yaml]',
  arguments: ['FILE'],
  options: {
    ...flowOptions,
    depth: {
      value: 'DEPTH',
      choices: depths,
      doc: 'offsets: where both end, and what is stored; counts: visible records are counted; sample: head, tail and windows between are compared; full: every record (default).',
    },
    topic: {
      value: 'REGEX',
      several: true,
      doc: 'Only source topics whose whole name matches one of these (default: all the flow copies but heartbeats, which come all the time).',
    },
    report: {
      value: 'DIR|FILE.html',
      doc: 'Where the report is written, as HTML and JSON: verify-FLOW.html and .json in DIR, or FILE.html and FILE.json.',
    },
    resume: {
      value: 'FILE',
      doc: 'Keeps the progress of depth full in FILE and goes on from it after a kill, or when the target was not there yet.',
    },
    wait: {
      value: 'SECONDS',
      doc: `How long the target may be without anything new, or a partition unreadable (default ${DEFAULT_WAIT_S}).`,
    },
    memory: {
      value: 'BYTES',
      doc: `For what is read, and for keys of compacted topics (default ${DEFAULT_MEMORY}).`,
    },
    differences: {
      value: 'N',
      doc: `How many differences of a partition are listed; nothing behind them is compared (default ${DEFAULT_DIFFERENCES}).`,
    },
    'show-records': { doc: 'Show the beginning of values and header values too: they may be secret.' },
    output: outputOption,
  },
  examples: [
    ['verify mm2.properties', 'every record of the only flow'],
    ['verify mm2.properties --depth counts --topic "orders.*"', 'a quick look at some topics'],
    [
      'verify mm2.properties --report ./proof --resume ./verify.progress',
      'with a report to keep; goes on after a kill',
    ],
  ],
  notes: [
    'The range is fixed at the start: from where copying of each partition began (as godwit has stored it on the target, else where the configuration lets it begin) to what the source held then. It may run while records are copied, and on a target that MirrorMaker 2 filled. Nothing is changed on either side. At the end both clusters are looked at once more, and topics and partitions created meanwhile are compared too.',
    'Of transactions only what was committed counts under isolation.level=read_committed; what an open transaction holds back is reported with the command that ends it, and is never equal. Of a compacted topic the last record of each key is compared, and their order, at any depth but offsets. What the source has deleted cannot be compared any more: the ranges are named. What only the target has deleted is a difference, unless it is older than the retention.ms of the source. Where the target stamps records itself (LogAppendTime) times are not compared.',
    'Exit codes: 0 equal: everything that the flow had to deliver at the moment that is printed was read and is the same on both sides. 1 different: something is missing, extra, duplicated, reordered, changed, damaged or deleted on the target, or a topic was recreated. 2 nothing differs, but it is not equal either: not yet (the target lacks what may still come), held back (records behind open transactions), or incomplete (something could not be read, or where copying began is not known). 69 a cluster cannot be reached, or the flow selects no topic; 64, 77, 78 wrong arguments, login or file.',
  ],
  run,
}

async function run(context: Context): Promise<number> {
  const options = optionsOf(context)
  const found = configured(context)
  if (!found) return unusable
  const flow = flowOf(context, found.model)
  const path = textOf(context.values, 'report')
  const files = path === undefined ? undefined : reportFiles(path, flow.settings.name)
  const { verifyFlow } = await import('../../verify/verify.ts')
  const log = createLogger({ format: 'text', level: 'warn', write: context.complain })
  const report = await verifyFlow(flow, { ...options, log, onProgress: progressOf(context) })
  if (files) await writeReport(context, files, report)
  const { verifyLines } = await import('../output/verify-text.ts')
  printResult(context, report, () => verifyLines(report).join('\n'))
  if (report.verdict === 'equal') return exits.fine.code
  return report.verdict === 'different' ? exits.found.code : exits.notYet.code
}

function optionsOf(context: Context) {
  const { values, version, signal } = context
  return {
    depth: depths.find((depth) => depth === textOf(values, 'depth')) ?? 'full',
    topics: listOf(values, 'topic').map(patternOf),
    waitMs: wholeNumberOf(values, 'wait', DEFAULT_WAIT_S) * 1000,
    memoryBytes: wholeNumberOf(values, 'memory', DEFAULT_MEMORY, LEAST_MEMORY),
    maxDifferences: wholeNumberOf(values, 'differences', DEFAULT_DIFFERENCES, 1),
    resume: textOf(values, 'resume'),
    showRecords: flagOf(values, 'show-records'),
    ...{ version, signal },
  }
}

function patternOf(text: string): RegExp {
  try {
    return new RegExp(text)
  } catch (cause) {
    const remedy = 'quote it for the shell, and write a dot that is one as \\.'
    throw new Failure('USAGE', `--topic ${text} is no regular expression: ${sentenceOf(cause)}`, { remedy })
  }
}

/** Says on standard error how far it is, on a terminal in place. */
function progressOf({ complain, isErrorTerminal }: Context) {
  let saidAt = Date.now()
  return ({ partitions, of, bytes }: { partitions: number; of: number; bytes: number }) => {
    if (!isErrorTerminal || Date.now() - saidAt < PROGRESS_MS) return
    saidAt = Date.now()
    complain(`verify: ${countText(partitions)} of ${countedText(of, 'partition')}, ${bytesText(bytes)} read`)
  }
}

interface ReportFiles {
  readonly html: string
  readonly json: string
}

/** Makes the directory, so that a report that cannot be written is known before hours of reading. @throws Failure USAGE */
function reportFiles(path: string, flow: string): ReportFiles {
  const html = path.endsWith('.html') ? path : join(path, `verify-${flow.replace('->', '-')}.html`)
  try {
    mkdirSync(dirname(html), { recursive: true })
    accessSync(dirname(html), constants.W_OK)
  } catch (cause) {
    throw unwritable(path, cause)
  }
  return { html, json: html.replace(/\.html$/, '.json') }
}

async function writeReport(context: Context, { html, json }: ReportFiles, report: Report): Promise<void> {
  const { reportHtml } = await import('../../verify/report-html.ts')
  try {
    writeFileSync(html, reportHtml(report))
    writeFileSync(json, `${JSON.stringify(report, null, 2)}\n`)
  } catch (cause) {
    throw unwritable(html, cause)
  }
  context.complain(`godwit: the report is in ${html} and ${json}`)
}

function unwritable(file: string, cause: unknown): Failure {
  const remedy = 'give --report a directory that can be written to'
  return new Failure('USAGE', `the report cannot be written: ${sentenceOf(cause)}`, { file, remedy, cause })
}
