// `godwit check FILE`: problems to expect, found before anything is copied; and the minimum permissions.
import type { DisabledFlow, Flow } from '../../config/model.ts'
import { listOfFlow } from '../../config/show.ts'
import type { Finding, FlowReport } from '../../preflight/finding.ts'
import { type Command, type Context, flagOf, textOf } from '../command.ts'
import { type Configured, configured, flowOf, flowOptions, mustRun, unusable } from '../configured.ts'
import { exits } from '../exit-codes.ts'
import { checkText } from '../output/check-text.ts'
import { permissionsText } from '../output/permissions-text.ts'
import { outputOption, printResult } from '../output/render.ts'

export const checkCommand = {
  name: 'check',
  summary:
    'Checks both clusters of each flow before it runs: what would fail or lose data, and the commands that fix it.',
  usage:
    'check FILE [--flow SOURCE->TARGET] [--strict] [--permissions] [--principal-source User:NAME] [--principal-target User:NAME] [--output text|json|yaml] [--secrets-dir DIR]',
  arguments: ['FILE'],
  options: {
    ...flowOptions,
    flow: { value: 'SOURCE->TARGET', doc: 'Only this flow of FILE (default: all of them).' },
    strict: { doc: 'Treat warnings as errors for the exit code.' },
    permissions: {
      doc: 'Print the minimum permissions of the users of the flows, for kafka-acls.sh and as KafkaUser, without connecting to a cluster.',
    },
    'principal-source': {
      value: 'User:NAME',
      doc: 'Kafka principal of the user of FILE on the source (default: its user name, or the subject of its certificate).',
    },
    'principal-target': {
      value: 'User:NAME',
      doc: 'Kafka principal of the user of FILE on the target (default: likewise).',
    },
    output: outputOption,
  },
  notes: [
    'Nothing is changed on any cluster. One run reports all problems. Checks that could not be made are listed with the reason.',
    'A finding is an error (it will fail or lose data), a warning (review before you start) or a note. It is followed by the lines that fix it: commands for the shell ($), lines for FILE (they replace a line with the same key), rules for a KafkaUser. For a secured cluster the commands use a file ALIAS-admin.properties: write the client settings of an administrator to it. In a KafkaMirrorMaker2 a line for FILE belongs in the `config` of the connector or cluster that it names.',
    `Exit codes: ${exits.fine.code} no errors (with --strict: no warnings either), ${exits.found.code} errors, 64 the command line is invalid, 78 FILE cannot be used.`,
  ],
  examples: [
    ['check mm2.properties', 'find problems before the first run'],
    ["check mm2.properties --flow 'old->new' --strict", 'the same for one flow, for a script that stops at warnings'],
    ['check mm2.properties --permissions', 'the ACLs to grant before the first run'],
  ],
  run,
} as const satisfies Command

async function run(context: Context): Promise<number> {
  const file = configured(context)
  if (!file) return unusable
  mustRun(file, context.positionals[0] ?? '')
  const flows = textOf(context.values, 'flow') === undefined ? file.model.flows : [flowOf(context, file.model)]
  return flagOf(context.values, 'permissions') ? printPermissions(context, flows) : printFindings(context, file, flows)
}

async function printFindings(
  context: Context,
  { model, effective }: Configured,
  flows: readonly Flow[],
): Promise<number> {
  const { checkFlows } = await import('../../preflight/check.ts')
  const { silentLogger } = await import('../../base/logger.ts')
  const lists = (flow: string, key: string) => listOfFlow(effective, flow, key)
  const left = textOf(context.values, 'flow') === undefined ? model.disabled.map(unusableFlow) : []
  const parts = flows.map(async (flow) => {
    const principals = await principalsOf(context, flow)
    const [file = ''] = context.positionals
    return { flow, flows: model.flows, principals, lists, file, log: silentLogger }
  })
  const looked = await checkFlows(await Promise.all(parts))
  const reports = [...left, ...looked]
  const severities = reports.flatMap(({ findings }) => findings.map(({ severity }) => severity))
  const counts = Object.fromEntries(
    (['error', 'warning', 'note'] as const).map((one) => [`${one}s`, severities.filter((each) => each === one).length]),
  )
  printResult(context, { ...counts, flows: reports }, () => checkText(reports))
  const worst = flagOf(context.values, 'strict') ? ['error', 'warning'] : ['error']
  return severities.some((one) => worst.includes(one)) ? exits.found.code : exits.fine.code
}

/** The report of a flow that is not run because its part of the file is invalid: its errors are the findings. */
function unusableFlow({ name, problems }: DisabledFlow): FlowReport {
  const findings = problems.map(({ file, line, key = '', reason, remedy }): Finding => {
    const what = `${key} ${reason}`.trim()
    const why = `${line === undefined ? file : `${file}:${line}`}: this flow is not run; the other flows of the file are run`
    return {
      code: 'flow-unusable',
      severity: 'error',
      check: 'configuration',
      what,
      why,
      remedies: [{ kind: 'advice', text: remedy }],
    }
  })
  return { flow: name, clusterIds: {}, findings, notMade: [] }
}

async function printPermissions(context: Context, flows: readonly Flow[]): Promise<number> {
  const { leastPrivilege } = await import('../../preflight/least-privilege.ts')
  const all = await Promise.all(flows.map(async (flow) => leastPrivilege(flow, await principalsOf(context, flow))))
  printResult(context, { flows: all }, () => permissionsText(all))
  return exits.fine.code
}

async function principalsOf({ values }: Context, { sourceAdmin, targetAdmin }: Flow): Promise<Principals> {
  const { principalOf } = await import('../../preflight/least-privilege.ts')
  return {
    source: textOf(values, 'principal-source') ?? principalOf(sourceAdmin),
    target: textOf(values, 'principal-target') ?? principalOf(targetAdmin),
  }
}

interface Principals {
  readonly source: string
  readonly target: string
}
