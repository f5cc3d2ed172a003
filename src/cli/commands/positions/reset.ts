// `godwit positions reset FILE`: deletes stored positions of a flow, or sets them to other offsets.
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
import { dryRunOption, executeOption, isExecuted } from '../groups/chosen.ts'
import { areAllSelected, chosenPartitions, partitionOption, topicOption } from './chosen.ts'

export const positionsReset = {
  name: 'positions reset',
  summary: 'Deletes the stored positions of partitions, or sets them to another offset; also while godwit runs.',
  usage:
    'positions reset FILE [--flow SOURCE->TARGET] [--topic REGEX...] [--partition N,...] [--to earliest|latest|OFFSET|TIME] [--execute] [--http HOST:PORT] [--output text|json|yaml]',
  arguments: ['FILE'],
  options: {
    ...flowOptions,
    topic: topicOption,
    partition: partitionOption,
    to: {
      value: 'POSITION',
      doc: 'Where copying continues: earliest, latest, an offset, or the first record of a time or later (2026-11-01T00:00:00Z, ms since the epoch, 7d ago); default: the position is deleted, and the partition starts as a new one.',
    },
    'dry-run': dryRunOption,
    execute: executeOption,
    http: { value: 'HOST:PORT', doc: `Address of the godwit that runs the flow (default ${defaultAddress}).` },
    output: outputOption,
  },
  notes: [
    "All stored state of a partition is changed together: godwit's position, MirrorMaker 2's offset and the offset map. With --to, a real MirrorMaker 2 would continue at the same offset. Records on the target stay there: records that are copied again are duplicated, unless the target topic was deleted.",
    'If a godwit runs the flow, it makes the change, by a request to --http, and continues without a restart; paused connectors stay paused. If no process runs the flow, this command changes the stored state itself, and no process can start the flow meanwhile. If a MirrorMaker 2 runs, or the process cannot be reached, nothing is changed.',
    'Exit codes: 0 planned or written, 64 the command line is invalid or an offset is outside the log, 69 a cluster does not answer, 75 another process runs the flow and cannot be reached, 77 a cluster denies access, 78 FILE has problems.',
  ],
  examples: [
    ["positions reset mm2.properties --topic '^orders$'", 'what would be reset to copy orders again'],
    [
      "positions reset mm2.properties --topic '^orders$' --execute",
      'copy orders again, after its target topic was deleted',
    ],
    ["positions reset mm2.properties --topic '^orders$' --partition 0 --to 1200 --execute", 'continue at an offset'],
    ['positions reset mm2.properties --to 7d', 'offsets of a week ago'],
  ],
  run,
} as const satisfies Command

async function run(context: Context): Promise<number> {
  const file = configured(context)
  if (!file) return unusable
  const execute = isExecuted(context)
  const flow = flowOf(context, file.model)
  const { FlowClusters, readFlowPositions } = await import('../../../positions/memory.ts')
  await using clusters = new FlowClusters(flow)
  const memory = await readFlowPositions(clusters)
  const chosen = await chosenPartitions(context, memory, flow.settings.source)
  const to = textOf(context.values, 'to')
  const plan = await planOf({ context, flow, clusters, memory, chosen, to })
  const { resetOf } = await import('../../../positions/reset-plan.ts')
  const isAll = to === undefined && areAllSelected(context)
  const isWanted = plan.length > 0 || (isAll && memory.unreadable.length > 0)
  const by = execute && isWanted ? await applyReset(context, clusters, resetOf(plan, memory, isAll)) : 'nobody'
  print({ context, flow, memory, plan, by, execute: execute && isWanted })
  return exits.fine.code
}

interface ResetChoice {
  readonly context: Context
  readonly flow: Flow
  readonly clusters: FlowClusters
  readonly memory: FlowPositions
  readonly chosen: readonly PartitionPositions[]
  readonly to: string | undefined
}

async function planOf({ context, flow, clusters, memory, chosen, to }: ResetChoice): Promise<PlannedPartition[]> {
  const { settings } = flow
  const [{ parseDestination }, { planReset }, { offsetsAtTime }] = await Promise.all([
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
    context.printError(
      `godwit: ${gone.slice(0, 5).join(', ')}${gone.length > 5 ? ` and ${gone.length - 5} more` : ''}: no such partition on cluster ${settings.source}; without --to its position can be deleted`,
    )
  }
  const atTime = destination?.kind === 'time' ? { atTime: await offsetsAtTime(clusters, there, destination.at) } : {}
  const startAt = (topic: string, isNew: boolean) => startAtOf(settings, topic, isNew)
  return planReset(chosen, { destination, ...atTime, startAt, all: memory.partitions, source: settings.source })
}

/** Has the process that runs the flow make the change, or makes it here if there is none. @throws Failure STANDBY when neither is possible */
async function applyReset(
  context: Context,
  clusters: FlowClusters,
  reset: PositionsReset,
): Promise<'process' | 'command'> {
  const { hasGroupMembers, resetDirectly } = await import('../../../positions/direct.ts')
  const { name } = clusters.parts.settings
  const address = textOf(context.values, 'http') ?? defaultAddress
  const refused = (await hasGroupMembers(clusters)) ? await requestReset(context, name, address, reset) : undefined
  if (refused === 'done') return 'process'
  const outcome = await resetDirectly(clusters, reset)
  if (outcome.kind === 'done') return 'command'
  throw runsElsewhere(name, outcome, refused ?? (await requestReset(context, name, address, reset)), address)
}

/** Sends the reset to the address. Gives a Failure when that process does not run the flow. @throws Failure when it tried and failed */
async function requestReset(
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

function runsElsewhere(
  flow: string,
  { who, hosts }: { who: string; hosts: string },
  refused: Failure | 'done',
  address: string,
): Failure {
  const whose = `${who || 'another process'}${hosts === '' ? '' : ` (members of its group are at ${hosts})`}`
  const why = refused === 'done' ? '' : `, and the request to ${address} failed: ${refused.message}`
  return new Failure('STANDBY', `${whose} runs flow ${flow}${why}; nothing was changed`, {
    flow,
    remedy:
      'run this command on that machine or give its address with --http HOST:PORT; or stop that process and run the command again',
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
    return context.printError('no position is stored for these partitions: they are new to the flow')
  if (!execute) return context.printError('nothing was changed; add --execute to write this')
  const whom = by === 'process' ? 'the running process continues there' : 'the next start continues there'
  context.printError(`godwit: positions of flow ${flow.settings.name} were reset; ${whom}`)
}
