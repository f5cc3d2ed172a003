// `godwit verify FILE`: proves that the target contains the records of the source.
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
  summary: 'Proves that the target contains what the source contained: records, order, configs, ACLs, groups.',
  usage:
    'verify FILE [--flow A->B] [--depth offsets|counts|sample|full] [--topic REGEX...] [--report DIR|FILE.html] [--resume FILE] [--wait SECONDS] [--memory BYTES] [--differences N] [--show-records] [--output text|json|yaml]',
  arguments: ['FILE'],
  options: {
    ...flowOptions,
    depth: {
      value: 'DEPTH',
      choices: depths,
      doc: 'offsets: compare end offsets and stored positions; counts: count visible records; sample: compare head, tail and windows between them; full: compare every record (default).',
    },
    topic: {
      value: 'REGEX',
      several: true,
      doc: 'Only source topics whose whole name matches one of these (default: all that the flow copies except heartbeats, which are written all the time).',
    },
    report: {
      value: 'DIR|FILE.html',
      doc: 'Write the report as HTML and JSON: verify-FLOW.html and .json in DIR, or FILE.html and FILE.json.',
    },
    resume: {
      value: 'FILE',
      doc: 'Store the progress of depth full in FILE; continue from it after a kill, or when the target lacked records.',
    },
    wait: {
      value: 'SECONDS',
      doc: `Longest wait for new records on the target, or for an unreadable partition (default ${DEFAULT_WAIT_S}).`,
    },
    memory: {
      value: 'BYTES',
      doc: `Memory for records being compared, and for keys of compacted topics (default ${DEFAULT_MEMORY}).`,
    },
    differences: {
      value: 'N',
      doc: `Maximum differences listed per partition; comparing a partition stops after them (default ${DEFAULT_DIFFERENCES}).`,
    },
    'show-records': { doc: 'Also show the beginning of values and header values; they may be secret.' },
    output: outputOption,
  },
  examples: [
    ['verify mm2.properties', 'every record of the only flow'],
    ['verify mm2.properties --depth counts --topic "orders.*"', 'a quick check of some topics'],
    ['verify mm2.properties --report ./proof --resume ./verify.progress', 'with a report; continues after a kill'],
  ],
  notes: [
    'The compared range is fixed at the start: from the offset where copying of each partition began (as stored by godwit on the target, else by the configuration) to the end of the source at that time. verify can run while records are copied, and on a target that MirrorMaker 2 filled. Nothing is changed on either side. At the end both clusters are listed again, and topics and partitions created in between are compared too.',
    'With isolation.level=read_committed only committed transactions are compared. Records behind an open transaction are reported with the command that ends it, and the result is not equal. For a compacted topic the last record of each key is compared, and their order, at any depth except offsets. Records deleted on the source cannot be compared: their ranges are listed. Records deleted only on the target are a difference, unless they are older than the retention.ms of the source. Timestamps are not compared where the target sets them (LogAppendTime).',
    'Exit codes: 0 equal: everything that the flow had to deliver at the printed time was read and is the same on both sides. 1 different: something is missing, extra, duplicated, reordered, changed, damaged or deleted on the target, or a topic was recreated. 2 no difference was found, but equality is not proved: not yet (the target lacks records that may still be copied), held back (records behind open transactions), or incomplete (something could not be read, or it is not known where copying began). 69 a cluster cannot be reached, or the flow selects no topic. 64, 77, 78 invalid arguments, login or file.',
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
  const log = createLogger({ format: 'text', level: 'warn', write: context.printError })
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
    const remedy = 'quote it for the shell, and write a literal dot as \\.'
    throw new Failure('USAGE', `--topic ${text} is not a regular expression: ${sentenceOf(cause)}`, { remedy })
  }
}

/** Reports progress on standard error every few seconds, on a terminal only. */
function progressOf({ printError, isErrorTerminal }: Context) {
  let reportedAt = Date.now()
  return ({ partitions, of, bytes }: { partitions: number; of: number; bytes: number }) => {
    if (!isErrorTerminal || Date.now() - reportedAt < PROGRESS_MS) return
    reportedAt = Date.now()
    printError(`verify: ${countText(partitions)} of ${countedText(of, 'partition')}, ${bytesText(bytes)} read`)
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
  context.printError(`godwit: the report is in ${html} and ${json}`)
}

function unwritable(file: string, cause: unknown): Failure {
  const remedy = 'give --report a directory that can be written to'
  return new Failure('USAGE', `the report cannot be written: ${sentenceOf(cause)}`, { file, remedy, cause })
}
