// `godwit positions reset FILE`: the one way to forget what a flow remembers, or to have it go on elsewhere.
import { Failure } from '../../../base/failure.ts'
import type { Flow } from '../../../config/model.ts'
import { parseAddress } from '../../../http/address.ts'
import { postPositionsReset } from '../../../http/client.ts'
import { defaultAddress } from '../../../http/contract.ts'
import { startAtOf } from '../../../mirror/start.ts'
import type { PositionsReset } from '../../../model/positions-reset.ts'
import type { FlowClusters, FlowPositions, PartitionPositions } from '../../../positions/memory.ts'
import type { PlannedPartition } from '../../../positions/reset-plan.ts'
import { type Command, type Context, textOf } from '../../command.ts'
import { configured, flowOf, flowOptions, unusable } from '../../configured.ts'
import { exits } from '../../exit-codes.ts'
import { resetLines } from '../../output/positions-text.ts'
import { outputOption, printResult } from '../../output/render.ts'
import { dryRunOption, executeOption, executes } from '../groups/chosen.ts'
import { areAllMeant, chosenPartitions, partitionOption, topicOption } from './chosen.ts'

export const positionsReset = {
  name: 'positions reset',
  summary: 'Forgets what a flow remembers of partitions, or has it go on at another offset; also while godwit runs.',
  usage:
    'positions reset FILE [--flow SOURCE->TARGET] [--topic REGEX...] [--partition N,...] [--to earliest|latest|OFFSET|TIME] [--execute] [--http HOST:PORT] [--output text|json|yaml]',
  arguments: ['FILE'],
  options: {
    ...flowOptions,
    topic: topicOption,
    partition: partitionOption,
    to: {
      value: 'PLACE',
      doc: 'Where copying goes on: earliest, latest, an offset, a time (2026-11-01T00:00:00Z, ms since the epoch, 7d ago); the first record of that time or later (default: the partition is forgotten, and begins as a new one).',
    },
    'dry-run': dryRunOption,
    execute: executeOption,
    http: { value: 'HOST:PORT', doc: `Where the godwit that works on the flow listens (default ${defaultAddress}).` },
    output: outputOption,
  },
  notes: [
    "All that is stored of a partition is changed together: godwit's position, MirrorMaker 2's offset and the offset map. With --to a real MirrorMaker 2 would go on at the same place. Records that are on the target stay there: what is copied again is duplicated, unless the target topic was deleted.",
    'Where a godwit works on the flow it is asked to do it, at --http, and goes on without a restart; what is paused stays so. Where nobody does, the stores are changed from here, and nobody can begin meanwhile. Where a MirrorMaker 2 runs, or the process cannot be reached, nothing is changed.',
    'Exit codes: 0 planned or written, 64 the command line is wrong or an offset lies outside the log, 69 a cluster does not answer, 75 another process works on the flow and cannot be reached, 77 a cluster refuses, 78 FILE has problems.',
  ],
  examples: [
    ["positions reset mm2.properties --topic '^orders$'", 'what it would mean to copy orders again'],
    [
      "positions reset mm2.properties --topic '^orders$' --execute",
      'after its target topic was deleted: copy it again',
    ],
    ["positions reset mm2.properties --topic '^orders$' --partition 0 --to 1200 --execute", 'go on at an offset'],
    ['positions reset mm2.properties --to 7d', 'what a week would be'],
  ],
  run,
} as const satisfies Command

async function run(context: Context): Promise<number> {
  const file = configured(context)
  if (!file) return unusable
  const execute = executes(context)
  const flow = flowOf(context, file.model)
  const { FlowClusters, readFlowPositions } = await import('../../../positions/memory.ts')
  await using clusters = new FlowClusters(flow)
  const memory = await readFlowPositions(clusters)
  const chosen = await chosenPartitions(context, memory, flow.settings.source)
  const to = textOf(context.values, 'to')
  const plan = await planOf({ context, flow, clusters, memory, chosen, to })
  const { resetOf } = await import('../../../positions/reset-plan.ts')
  const isAll = to === undefined && areAllMeant(context)
  const isWanted = plan.length > 0 || (isAll && memory.unreadable.length > 0)
  const by = execute && isWanted ? await carryOut(context, clusters, resetOf(plan, memory, isAll)) : 'nobody'
  print({ context, flow, memory, plan, by, execute: execute && isWanted })
  return exits.fine.code
}

interface Wanted {
  readonly context: Context
  readonly flow: Flow
  readonly clusters: FlowClusters
  readonly memory: FlowPositions
  readonly chosen: readonly PartitionPositions[]
  readonly to: string | undefined
}

async function planOf({ context, flow, clusters, memory, chosen, to }: Wanted): Promise<PlannedPartition[]> {
  const { settings } = flow
  const [{ parseDestination }, { planReset }, { offsetsAt }] = await Promise.all([
    import('../../../positions/destination.ts'),
    import('../../../positions/reset-plan.ts'),
    import('../../../positions/memory.ts'),
  ])
  const destination = to === undefined ? undefined : parseDestination(to, Date.now())
  const there = chosen.filter(({ sourceStanding }) => sourceStanding !== 'gone')
  if (destination && there.length < chosen.length) {
    const gone = chosen
      .filter(({ sourceStanding }) => sourceStanding === 'gone')
      .map((p) => `${p.topic}-${p.partition}`)
    context.complain(
      `godwit: ${gone.slice(0, 5).join(', ')}${gone.length > 5 ? ` and ${gone.length - 5} more` : ''}: no such partition on cluster ${settings.source}; only without --to it can be forgotten`,
    )
  }
  const atTime = destination?.kind === 'time' ? { atTime: await offsetsAt(clusters, there, destination.at) } : {}
  const startAt = (topic: string, isNew: boolean) => startAtOf(settings, topic, isNew)
  return planReset(chosen, { destination, ...atTime, startAt, all: memory.partitions, source: settings.source })
}

/** Has the process do it that works on the flow, or does it from here. @throws Failure STANDBY when neither can be */
async function carryOut(
  context: Context,
  clusters: FlowClusters,
  reset: PositionsReset,
): Promise<'process' | 'command'> {
  const { hasGroupMembers, resetDirectly } = await import('../../../positions/direct.ts')
  const { name } = clusters.parts.settings
  const address = textOf(context.values, 'http') ?? defaultAddress
  const refused = (await hasGroupMembers(clusters)) ? await asked(context, name, address, reset) : undefined
  if (refused === 'done') return 'process'
  const outcome = await resetDirectly(clusters, reset)
  if (outcome.kind === 'done') return 'command'
  throw elsewhere(name, outcome, refused ?? (await asked(context, name, address, reset)), address)
}

/** Gives why the process at the address did not do it, where another one may. @throws Failure of one that tried */
async function asked(
  { signal }: Context,
  flow: string,
  address: string,
  reset: PositionsReset,
): Promise<'done' | Failure> {
  try {
    await postPositionsReset(parseAddress(address), flow, reset, signal)
    return 'done'
  } catch (error) {
    const isElsewhere = error instanceof Failure && ['CONNECTION_LOST', 'USAGE', 'STANDBY'].includes(error.code)
    if (isElsewhere) return error
    throw error
  }
}

function elsewhere(
  flow: string,
  { who, hosts }: { who: string; hosts: string },
  refused: Failure | 'done',
  address: string,
): Failure {
  const whose = `${who || 'another process'}${hosts === '' ? '' : ` (members of its group are at ${hosts})`}`
  const why = refused === 'done' ? '' : `, and cannot be asked at ${address}: ${refused.message}`
  return new Failure('STANDBY', `${whose} works on flow ${flow}${why}; nothing was changed`, {
    flow,
    remedy:
      'run this command on that machine or name its address with --http HOST:PORT; or stop that process and run the command again',
  })
}

interface Printed {
  readonly context: Context
  readonly flow: Flow
  readonly memory: FlowPositions
  readonly plan: readonly PlannedPartition[]
  readonly by: 'process' | 'command' | 'nobody'
  readonly execute: boolean
}

function print({ context, flow, memory, plan, by, execute }: Printed): void {
  const value = {
    flow: flow.settings.name,
    executed: execute,
    by,
    partitions: plan,
    unreadable: memory.unreadable.length,
  }
  printResult(context, value, () => resetLines(plan).join('\n'))
  if (plan.length === 0 && memory.unreadable.length === 0)
    return context.complain('nothing is stored of these partitions: they are new to the flow')
  if (!execute) return context.complain('nothing was changed; add --execute to write this')
  const whom = by === 'process' ? 'the process that works on the flow goes on there' : 'the next start goes on there'
  context.complain(`godwit: positions of flow ${flow.settings.name} were reset; ${whom}`)
}
