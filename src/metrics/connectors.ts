// A flow as MM2's three connectors and their tasks: what Connect's metrics count, and what its REST shows.
import { type ConnectorName, connectorNames, dutiesOf, type FlowStatus } from '../mirror/flow-status.ts'

export type ConnectorState = 'RUNNING' | 'PAUSED' | 'STOPPED' | 'FAILED' | 'UNASSIGNED'

export interface Connector {
  readonly flow: FlowStatus
  readonly connector: ConnectorName
  /** Strimzi's name, which tells flows apart where MM2's own does not: `A->B.MirrorSourceConnector` */
  readonly name: string
  readonly className: string
  readonly state: ConnectorState
  /** why it failed, when it did */
  readonly trace?: string
  /** how many tasks it has now, in the same state as itself; 0 or 1 */
  readonly tasks: number
}

/**
 * The connectors of a flow in MM2's order. The source connector has its task unless the pair is not enabled; the others have one while the flow
 * has a duty of theirs, as MM2 gives them none when their work is switched off. A stopped connector has none at all.
 */
export function connectorsOf(flow: FlowStatus): Connector[] {
  return connectorNames.map((connector) => {
    const state = stateOf(flow, connector)
    const works = flow.duties.some(({ duty }) => dutiesOf[connector].includes(duty))
    const trace = state === 'FAILED' ? (flow.reason ?? flow.problems[0]?.message) : undefined
    return {
      flow,
      connector,
      name: `${flow.flow}.${connector}`,
      className: `org.apache.kafka.connect.mirror.${connector}`,
      state,
      ...(trace !== undefined && { trace }),
      tasks: state !== 'STOPPED' && ((connector === 'MirrorSourceConnector' && !flow.heartbeatsOnly) || works) ? 1 : 0,
    }
  })
}

/** Connect's word for a flow's state; a flow that stands by has its task elsewhere. */
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
