// Membership in a group with the classic protocol: describe, join, sync, heartbeat, leave. Follows the group coordinator when it moves.
// Metadata and assignments of members are opaque bytes here.
import { Failure } from '../base/failure.ts'
import type { Cluster } from './cluster.ts'
import { errorCodes, failureOfAnswer } from './wire-errors.ts'

/** The part of Cluster that a membership needs. */
export type GroupCluster = Pick<Cluster, 'alias' | 'metadata' | 'callAny' | 'callBroker' | 'closeLane'>

interface MembershipOptions {
  readonly groupId: string
  readonly protocolType: string
  readonly protocolName: string
  readonly sessionTimeoutMs: number
  /** how long the coordinator waits for members to rejoin before it removes them (ms) */
  readonly rebalanceTimeoutMs: number
}

interface Joined {
  readonly memberId: string
  readonly generation: number
  /** whether this member is the group leader, which computes the assignments */
  readonly leads: boolean
  /** all members with their metadata; empty unless this member is the leader */
  readonly members: readonly { readonly memberId: string; readonly metadata: Buffer }[]
}

interface GroupDescription {
  /** empty if the group has no members */
  readonly protocolType: string
  readonly members: readonly { readonly clientId: string; readonly host: string }[]
}

interface JoinAnswer {
  errorCode: number
  generationId: number
  leader: string
  memberId: string
  members: { memberId: string; metadata: Buffer }[]
}

const OFFSETS_TOPIC = '__consumer_offsets'
const COORDINATOR_MOVED = new Set<number>([errorCodes.COORDINATOR_NOT_AVAILABLE, errorCodes.NOT_COORDINATOR])
/** How much longer than the rebalance timeout a join waits for the response (ms). */
const GRACE_MS = 5000
const LEAVE_MS = 2000

/** One member of one group. */
export class Membership {
  readonly #cluster: GroupCluster
  readonly #options: MembershipOptions
  #coordinator: Promise<number> | undefined
  #memberId = ''
  #generation = -1
  #closed = false

  constructor(cluster: GroupCluster, options: MembershipOptions) {
    this.#cluster = cluster
    this.#options = options
  }

  /** Whether the group has no members. @throws Failure, including NOT_AUTHORIZED */
  async isEmpty(): Promise<boolean> {
    // A cluster that never had a group has no __consumer_offsets. FindCoordinator would make the broker create it, which takes seconds.
    const offsets = (await this.#cluster.metadata([OFFSETS_TOPIC])).topics.get(OFFSETS_TOPIC)
    if (offsets?.error === errorCodes.UNKNOWN_TOPIC_OR_PARTITION) return true
    return (await this.describe()).members.length === 0
  }

  /** The protocol type and the members of the group. @throws Failure */
  async describe(): Promise<GroupDescription> {
    const { groupId } = this.#options
    const answer = await this.#ask<{
      groups: {
        errorCode: number
        protocolType: string
        members: { clientId: string; clientHost: string }[]
      }[]
    }>('describeGroups', [[groupId], false], 'control', undefined)
    const group = answer.groups[0]
    if (!group || group.errorCode === errorCodes.GROUP_ID_NOT_FOUND) return { protocolType: '', members: [] }
    if (group.errorCode !== 0) throw this.#refused(group.errorCode)
    const members = group.members.map(({ clientId, clientHost }) => ({ clientId, host: clientHost.replace(/^\//, '') }))
    return { protocolType: group.protocolType, members }
  }

  /**
   * Joins or rejoins. For an empty group it takes the broker's group.initial.rebalance.delay.ms (3 s by default).
   * @param metadata sent to the group leader
   * @throws Failure; INCONSISTENT_GROUP_PROTOCOL (wireCode 23) if the members use another protocol
   */
  async join(metadata: Buffer): Promise<Joined> {
    const { groupId, sessionTimeoutMs, rebalanceTimeoutMs, protocolType, protocolName } = this.#options
    const protocols = [{ name: protocolName, metadata }]
    for (;;) {
      if (this.#closed) throw this.#leftFailure()
      const timing = [groupId, sessionTimeoutMs, rebalanceTimeoutMs]
      const args = [...timing, this.#memberId, null, protocolType, protocols, null]
      const answer = await this.#ask<JoinAnswer>('joinGroup', args, 'group', rebalanceTimeoutMs + GRACE_MS)
      if (answer.errorCode === errorCodes.MEMBER_ID_REQUIRED && answer.memberId !== this.#memberId) {
        // KIP-394: the first response only contains the member id.
        this.#memberId = answer.memberId
        continue
      }
      if (answer.errorCode !== 0) throw this.#refused(answer.errorCode)
      this.#memberId = answer.memberId
      this.#generation = answer.generationId
      const leads = answer.leader === answer.memberId
      return { memberId: answer.memberId, generation: answer.generationId, leads, members: leads ? answer.members : [] }
    }
  }

  /** Returns the assignment of this member. @param assignments for all members from the leader; empty from others @throws Failure */
  async sync(assignments: readonly { readonly memberId: string; readonly assignment: Buffer }[]): Promise<Buffer> {
    const { groupId, protocolType, protocolName, rebalanceTimeoutMs } = this.#options
    const args = [groupId, this.#generation, this.#memberId, null, protocolType, protocolName, assignments]
    const answer = await this.#ask<{ errorCode: number; assignment: Buffer }>(
      'syncGroup',
      args,
      'group',
      rebalanceTimeoutMs + GRACE_MS,
    )
    if (answer.errorCode !== 0) throw this.#refused(answer.errorCode)
    return answer.assignment
  }

  /** fine: still a member; rejoin: this member must join again. @throws Failure if the state is unknown */
  async heartbeat(): Promise<'fine' | 'rejoin'> {
    const { groupId, sessionTimeoutMs } = this.#options
    const args = [groupId, this.#generation, this.#memberId, null]
    const patience = Math.max(1000, sessionTimeoutMs / 3)
    const { errorCode } = await this.#ask<{ errorCode: number }>('heartbeat', args, 'heartbeat', patience)
    if (errorCode === 0) return 'fine'
    if (errorCode === errorCodes.REBALANCE_IN_PROGRESS) return 'rejoin'
    const failure = this.#refused(errorCode)
    if (errorCode === errorCodes.UNKNOWN_MEMBER_ID || errorCode === errorCodes.ILLEGAL_GENERATION) return 'rejoin'
    throw failure
  }

  /** Leaves the group, so that the others need not wait for the session timeout; cancels a pending join. Never throws. */
  async leave(reason: string): Promise<void> {
    this.#closed = true
    const memberId = this.#memberId
    this.#memberId = ''
    if (memberId !== '') {
      const args = [this.#options.groupId, [{ memberId, groupInstanceId: null, reason }]]
      await this.#ask('leaveGroup', args, 'heartbeat', LEAVE_MS).catch(() => {})
    }
    this.#cluster.closeLane('group')
    this.#cluster.closeLane('heartbeat')
  }

  async #ask<Answer>(
    name: Parameters<Cluster['callBroker']>[1],
    args: readonly unknown[],
    lane: 'control' | 'group' | 'heartbeat',
    timeoutMs: number | undefined,
  ): Promise<Answer> {
    const finding = this.#coordinator ?? this.#findCoordinator()
    this.#coordinator = finding
    try {
      const options = { lane, ...(timeoutMs !== undefined && { timeoutMs }) }
      return await this.#cluster.callBroker<Answer>(await finding, name, args, options)
    } catch (error) {
      // The coordinator is down or does not respond: the next call finds it again.
      if (this.#coordinator === finding) this.#coordinator = undefined
      throw error
    }
  }

  async #findCoordinator(): Promise<number> {
    const answer = await this.#cluster.callAny<{ coordinators: { nodeId: number; errorCode: number }[] }>(
      'findCoordinator',
      [0, [this.#options.groupId]],
    )
    const found = answer.coordinators[0]
    if (found?.errorCode === 0) return found.nodeId
    throw this.#refused(found?.errorCode ?? -1)
  }

  /** The Failure for an error code. Also forgets the coordinator or the member id if the code makes it invalid. */
  #refused(code: number): Failure {
    if (COORDINATOR_MOVED.has(code)) this.#coordinator = undefined
    if (code === errorCodes.UNKNOWN_MEMBER_ID || code === errorCodes.ILLEGAL_GENERATION) this.#memberId = ''
    const message =
      code === errorCodes.COORDINATOR_LOAD_IN_PROGRESS
        ? 'the coordinator of the group is still loading its state'
        : undefined
    return failureOfAnswer(code, message, { cluster: this.#cluster.alias, group: this.#options.groupId })
  }

  #leftFailure(): Failure {
    const { groupId: group } = this.#options
    return new Failure('CONNECTION_LOST', `this process has left group ${group}`, {
      cluster: this.#cluster.alias,
      group,
    })
  }
}
