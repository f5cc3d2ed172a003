// `godwit run`: carries out a configuration file until it is told to stop, or until everything has arrived.
import { counted } from '../../base/counted.ts'
import { failures } from '../../base/failure.ts'
import type { Level, Logger } from '../../base/logger.ts'
import type { Model } from '../../config/model.ts'
import { describeProblem } from '../../config/problems.ts'
import { shownConfig } from '../../config/show.ts'
import { parseAddress } from '../../http/address.ts'
import type { ConfigOf } from '../../http/connectors.ts'
import { defaultAddress } from '../../http/contract.ts'
import { type Command, type Context, listOf, textOf } from '../command.ts'
import { enableRemedy, mustRun } from '../configured.ts'
import { exits } from '../exit-codes.ts'
import { createLogger, type LogFormat } from '../log-writer.ts'
import { readConfiguration, secretsOption } from '../read-configuration.ts'

const levels = ['error', 'warn', 'info', 'debug'] as const satisfies readonly Level[]
const formats = ['json', 'text'] as const satisfies readonly LogFormat[]

export const runCommand: Command = {
  name: 'run',
  summary: 'Copies as the configuration file says; a drop-in for connect-mirror-maker.sh.',
  usage:
    'run FILE [--clusters ALIAS...] [--secrets-dir DIR] [--until in-sync] [--http HOST:PORT|off] [--log-format json|text] [--log-level LEVEL]',
  arguments: ['FILE'],
  options: {
    clusters: {
      value: 'ALIAS',
      several: true,
      doc: 'Only flows whose target is one of these clusters; aliases are separated by blanks (default: all).',
    },
    'secrets-dir': secretsOption,
    until: {
      value: 'STATE',
      choices: ['in-sync'],
      doc: 'End when everything that is on the sources has arrived, which is asked of them once more before the end (default: run until stopped).',
    },
    http: {
      value: 'HOST:PORT|off',
      doc: `Where metrics, health and status are served, or off (default ${defaultAddress}).`,
    },
    'log-format': { value: 'FORMAT', choices: formats, doc: 'Default: text on a terminal, else json.' },
    'log-level': { value: 'LEVEL', choices: levels, doc: 'The least urgent messages that are written (default info).' },
  },
  examples: [
    ['run mm2.properties', 'until SIGTERM or Ctrl-C'],
    ['run mm2.properties --until in-sync', 'once: ends when everything that was there has arrived'],
    ['run mm2.yaml --secrets-dir /etc/secrets --http 0.0.0.0:9099', 'a KafkaMirrorMaker2, with metrics for others'],
  ],
  notes: [
    'FILE is an mm2.properties, or YAML with a KafkaMirrorMaker2 of Strimzi or Event Streams (docs/kafka-mirrormaker2-yaml.md). The log goes to standard error, one line a message. SIGTERM and SIGINT end the run in good order: what was accepted is finished, positions are written, exit code 0; that takes 28 s at most. A second signal ends it at once; nothing is lost by that, the next start goes on from the positions written last.',
    'When the HTTP port is taken, copying goes on without it: that is said with its remedy, and the port is tried again every 5 s. So a second process on the same machine, standing by for the first, takes over its port too. An address that can never be used ends the start.',
    'A flow whose part of FILE is wrong (a value that cannot be read, a class that does not exist here) is not run, the others are, as in MirrorMaker 2; each of its errors is logged at the start. FILE is refused, with exit code 78, where an error concerns all of it or no flow is left that copies. With --until in-sync the exit code is 78 too when a flow was left out.',
    'A flow that fails for good does not touch the others. The run ends by itself when all flows have failed, with the exit code of the first failure.',
    'With --until in-sync the exit code tells whether everything has arrived. 0: everything that was on the sources when they were listed last, just before the end, is on the targets. 2: the run was stopped before that. 4: a flow selects no topic. Any other code is that of the problem, when what is left needs a person. Records behind an open transaction are waited for.',
  ],
  run,
}

async function run(context: Context): Promise<number> {
  const [file = ''] = context.positionals
  const http = textOf(context.values, 'http') ?? defaultAddress
  const address = http === 'off' ? undefined : parseAddress(http)
  const log = loggerOf(context)
  const read = readModel(context, file, log)
  if (!read) return failures.CONFIG_INVALID.exit
  const { model, configOf } = read
  // What costs memory and time is loaded only once it is certain that it will be used.
  const [{ composeWorker }, { serve }, { Collector }] = await Promise.all([
    import('../../worker/compose.ts'),
    import('../serve.ts'),
    import('../../metrics/collect.ts'),
  ])
  const collector = new Collector()
  const worker = composeWorker(model, collector, log)
  const until = textOf(context.values, 'until') === 'in-sync' ? 'in-sync' : 'stopped'
  const { signal, version } = context
  const exposed = model.process.metrics
  const code = await serve({ worker, collector, exposed, configOf, address, until, log, signal, version })
  return until === 'in-sync' && code === exits.fine.code && model.disabled.length > 0 ? leftOut(model, log) : code
}

/** Everything has arrived but what belongs to flows that never started: that is no success. Gives the exit code. */
function leftOut({ disabled }: Model, log: Logger): number {
  const flows = disabled.map(({ name }) => name).join(', ')
  log.error('everything else has arrived, but flows with errors in the file were not run', {
    flows,
    remedy: 'correct the lines named at the start, or remove the flows from the file',
  })
  return failures.CONFIG_INVALID.exit
}

/** The model, or undefined after all problems were printed. Warnings of a file that is good go to the log. */
function readModel(context: Context, file: string, log: Logger): { model: Model; configOf: ConfigOf } | undefined {
  const clusters = listOf(context.values, 'clusters')
  const secretsDir = textOf(context.values, 'secrets-dir')
  const { environment } = context
  const { model, problems, effective } = readConfiguration(file, { environment, clusters, secretsDir })
  if (!model || !effective) {
    context.complain(problems.map(describeProblem).join('\n'))
    const errors = problems.filter(({ severity }) => severity === 'error').length
    context.complain(`godwit: ${file} has ${counted(errors, 'error')}; nothing was started`)
    return undefined
  }
  for (const { severity, line, key, reason, remedy, flow } of problems) {
    const fields = { file, line, key, flow, reason, remedy }
    if (severity === 'error') log.error('this flow is not run, since its part of the configuration is wrong', fields)
    else if (severity === 'note') log.info('about the configuration', fields)
    else log.warn('the configuration deserves a look', fields)
  }
  mustRun({ model, effective }, file)
  if (!model.flows.some(({ settings }) => settings.enabled)) {
    const remedy = enableRemedy({ effective })
    log.warn('no flow copies: none is enabled, heartbeats are all there is', { file, remedy })
  }
  return { model, configOf: (flow, connector) => shownConfig(effective, flow, connector) }
}

function loggerOf({ values, complain, isErrorTerminal }: Context): Logger {
  const format = formats.find((known) => known === textOf(values, 'log-format'))
  const level = levels.find((known) => known === textOf(values, 'log-level'))
  return createLogger({
    format: format ?? (isErrorTerminal ? 'text' : 'json'),
    level: level ?? 'info',
    write: complain,
  })
}
