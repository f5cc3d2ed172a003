// `godwit run`: copies the flows of a configuration file until it is stopped, or until they are in sync.
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
  summary: 'Copies the flows of a configuration file; a drop-in for connect-mirror-maker.sh.',
  usage:
    'run FILE [--clusters ALIAS...] [--secrets-dir DIR] [--until in-sync] [--http HOST:PORT|off] [--log-format json|text] [--log-level LEVEL]',
  arguments: ['FILE'],
  options: {
    clusters: {
      value: 'ALIAS',
      several: true,
      doc: 'Only flows whose target is one of these clusters; aliases are separated by spaces (default: all).',
    },
    'secrets-dir': secretsOption,
    until: {
      value: 'STATE',
      choices: ['in-sync'],
      doc: 'Exit when all records of the sources are on the targets; the sources are listed once more before the exit (default: run until stopped).',
    },
    http: {
      value: 'HOST:PORT|off',
      doc: `Listen address for metrics, health and status, or off (default ${defaultAddress}).`,
    },
    'log-format': { value: 'FORMAT', choices: formats, doc: 'Default: text on a terminal, else json.' },
    'log-level': { value: 'LEVEL', choices: levels, doc: 'Lowest level of messages that are written (default info).' },
  },
  examples: [
    ['run mm2.properties', 'until SIGTERM or Ctrl-C'],
    ['run mm2.properties --until in-sync', 'once: exits when all records have been copied'],
    ['run mm2.yaml --secrets-dir /etc/secrets --http 0.0.0.0:9099', 'a KafkaMirrorMaker2, with HTTP on all addresses'],
  ],
  notes: [
    'FILE is an mm2.properties, or YAML with a KafkaMirrorMaker2 of Strimzi or Event Streams (docs/kafka-mirrormaker2-yaml.md). The log goes to standard error, one line per message. SIGTERM and SIGINT stop the run cleanly: accepted records are finished, positions are written, the exit code is 0. That takes at most 28 s. A second signal ends the run immediately. Nothing is lost: the next start continues from the last written positions.',
    'When the HTTP port is in use, copying continues without it. That is logged with its remedy, and the port is tried again every 5 s. So a standby process on the same machine takes over the port of the active one too. The start fails for an address that can never be used.',
    'A flow with errors in its part of FILE (an invalid value, an unknown class) is not run. The other flows are, as in MirrorMaker 2. Each error is logged at the start. FILE is rejected, with exit code 78, when an error concerns all of it or when no flow that copies is left. With --until in-sync the exit code is also 78 when a flow was not run.',
    'A flow that fails permanently does not affect the others. The run ends when all flows have failed, with the exit code of the first failure.',
    'With --until in-sync the exit code states whether all records have been copied. 0: every record that was on the sources at their last listing, just before the exit, is on the targets. 2: the run was stopped before that. 4: a flow selects no topic. Any other code is that of the problem, when the rest needs an operator. The run waits for records behind an open transaction.',
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
  // Loaded only after the file was accepted: these modules cost memory and time.
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
  return until === 'in-sync' && code === exits.fine.code && model.disabled.length > 0 ? unsyncedFlows(model, log) : code
}

/** All other flows are in sync, but flows with errors were not run: reports that, and gives the exit code. */
function unsyncedFlows({ disabled }: Model, log: Logger): number {
  const flows = disabled.map(({ name }) => name).join(', ')
  log.error('the other flows are in sync, but flows with errors in the file were not run', {
    flows,
    remedy: 'correct the lines reported at the start, or remove the flows from the file',
  })
  return failures.CONFIG_INVALID.exit
}

/** Reads FILE. Gives undefined after all its problems were printed, when it cannot be used; warnings of a usable file are logged. */
function readModel(context: Context, file: string, log: Logger): { model: Model; configOf: ConfigOf } | undefined {
  const clusters = listOf(context.values, 'clusters')
  const secretsDir = textOf(context.values, 'secrets-dir')
  const { environment } = context
  const { model, problems, effective } = readConfiguration(file, { environment, clusters, secretsDir })
  if (!model || !effective) {
    context.printError(problems.map(describeProblem).join('\n'))
    const errors = problems.filter(({ severity }) => severity === 'error').length
    context.printError(`godwit: ${file} has ${counted(errors, 'error')}; nothing was started`)
    return undefined
  }
  for (const { severity, line, key, reason, remedy, flow } of problems) {
    const fields = { file, line, key, flow, reason, remedy }
    if (severity === 'error') log.error('this flow is not run because its part of the configuration is invalid', fields)
    else if (severity === 'note') log.info('about the configuration', fields)
    else log.warn('the configuration should be reviewed', fields)
  }
  mustRun({ model, effective }, file)
  if (!model.flows.some(({ settings }) => settings.enabled)) {
    const remedy = enableRemedy({ effective })
    log.warn('no flow is enabled: only heartbeats are written, nothing is copied', { file, remedy })
  }
  return { model, configOf: (flow, connector) => shownConfig(effective, flow, connector) }
}

function loggerOf({ values, printError, isErrorTerminal }: Context): Logger {
  const format = formats.find((known) => known === textOf(values, 'log-format'))
  const level = levels.find((known) => known === textOf(values, 'log-level'))
  return createLogger({
    format: format ?? (isErrorTerminal ? 'text' : 'json'),
    level: level ?? 'info',
    write: printError,
  })
}
