// A flow as MM2's three connectors and their tasks, for Connect's metrics and its REST API.
import { type FailureCode, failures } from '../base/failure.ts'
import { type ConnectorName, connectorNames, type FlowStatus, type Problem, tasksOf } from '../model/flow-status.ts'

export type ConnectorState = 'RUNNING' | 'PAUSED' | 'STOPPED' | 'FAILED' | 'UNASSIGNED'

export interface Connector {
  readonly flow: FlowStatus
  readonly connector: ConnectorName
  /** Strimzi's name, which is unique per flow while MM2's own is not: `A->B.MirrorSourceConnector` */
  readonly name: string
  readonly className: string
  readonly state: ConnectorState
  /** why it failed, when it did */
  readonly trace?: string
  /** number of tasks now; 0 or 1 */
  readonly tasks: number
  /** the connector's state, or FAILED if partitions need a manual action: a task of MM2 fails with any of its partitions */
  readonly taskState: ConnectorState
  readonly taskTrace?: string
}

/**
 * The connectors of a flow in MM2's order, with as many tasks as in MM2: none if their work is switched off, none for groups
 * while there are no groups, none once they are stopped.
 */
export function connectorsOf(flow: FlowStatus): Connector[] {
  return connectorNames.map((connector) => {
    const state = stateOf(flow, connector)
    const trace = state === 'FAILED' ? (flow.reason ?? flow.problems[0]?.message) : undefined
    return {
      flow,
      connector,
      name: `${flow.flow}.${connector}`,
      className: `org.apache.kafka.connect.mirror.${connector}`,
      state,
      ...(trace !== undefined && { trace }),
      ...taskOf(flow, connector, { state, trace }),
      tasks: state !== 'STOPPED' && hasWork(flow, connector) ? 1 : 0,
    }
  })
}

/** The task fails with the problems of its partitions; the connector itself stays RUNNING, as in Connect. */
function taskOf(
  flow: FlowStatus,
  connector: ConnectorName,
  own: { readonly state: ConnectorState; readonly trace: string | undefined },
): Pick<Connector, 'taskState' | 'taskTrace'> {
  const stopped =
    own.state === 'RUNNING' && connector === 'MirrorSourceConnector' ? flow.problems.filter(stopsCopying) : []
  const [first] = stopped
  if (!first) return { taskState: own.state, ...(own.trace !== undefined && { taskTrace: own.trace }) }
  const others = stopped.length > 1 ? ` (and ${stopped.length - 1} more)` : ''
  const remedy = first.remedy === undefined ? '' : `\n${first.remedy}`
  return { taskState: 'FAILED', taskTrace: `${first.code}: ${first.message}${others}${remedy}` }
}

/** Whether a problem of a partition, or of a whole topic, stops copying until a manual action. */
function stopsCopying({ code, topic }: Problem): boolean {
  return topic !== undefined && code in failures && failures[code as FailureCode].verdict === 'quarantine'
}

function hasWork(flow: FlowStatus, connector: ConnectorName): boolean {
  if (connector === 'MirrorSourceConnector') return !flow.heartbeatsOnly
  if (connector === 'MirrorCheckpointConnector' && !flow.groups?.length) return false
  return flow.periodicTasks.some(({ task }) => tasksOf[connector].includes(task))
}

/** Connect's state for a flow's state. The task of a flow that stands by runs in another process. */
const states: Readonly<Record<FlowStatus['state'], ConnectorState>> = {
  starting: 'UNASSIGNED',
  standby: 'UNASSIGNED',
  running: 'RUNNING',
  draining: 'RUNNING',
  stopped: 'STOPPED',
  failed: 'FAILED',
}

function stateOf(flow: FlowStatus, connector: ConnectorName): ConnectorState {
  const state = states[flow.state]
  const halt = flow.halted?.[connector]
  if (state !== 'RUNNING' || halt === undefined) return state
  return halt === 'stopped' ? 'STOPPED' : 'PAUSED'
}
