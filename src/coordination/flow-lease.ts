// One process works on a flow, others stand by. The lease is a membership in MM2's own Connect group on the target (ADR 0006):
// classic group protocol, protocol type `connect`, a protocol name that no Connect worker speaks, one token for the whole group.
import { Failure, sentenceOf } from '../base/failure.ts'
import type { Logger } from '../base/logger.ts'
import { backoff, sleep } from '../base/retry.ts'
import type { Cluster } from '../kafka/cluster.ts'
import { failureOfCode } from '../kafka/wire-errors.ts'
import { type Claim, claimBytes, holderBytes, holderOf, parseClaim } from './lease-token.ts'

export type LeaseState = 'joining' | 'active' | 'standby' | 'lost'

export interface LeaseOptions {
  readonly groupId: string
  readonly sessionTimeoutMs: number
  readonly heartbeatMs: number
  readonly clientId: string
}

interface Membership {
  readonly coordinator: number
  readonly generation: number
}

interface JoinAnswer {
  errorCode: number
  generationId: number
  leader: string
  memberId: string
  members: { memberId: string; metadata: Buffer }[]
}

const PROTOCOL_TYPE = 'connect'
const PROTOCOL_NAME = 'godwit-v1'
const INCONSISTENT_GROUP_PROTOCOL = 23
const ILLEGAL_GENERATION = 22
const UNKNOWN_MEMBER_ID = 25
const REBALANCE_IN_PROGRESS = 27
const MEMBER_ID_REQUIRED = 79
const COORDINATOR_TROUBLE = new Set([14, 15, 16])
/** The lease is given up this long before the broker could give it away (ms). */
const MARGIN_MS = 1500

export class FlowLease {
  readonly #cluster: Cluster
  readonly #options: LeaseOptions
  readonly #log: Logger
  readonly #closing = new AbortController()
  #state: LeaseState = 'joining'
  #reason = 'joining the group of the flow'
  #memberId = ''
  #membership: Membership | undefined
  /** when the lease was first held, ms since the epoch; 0 when it is not */
  #since = 0
  #lastContact = 0
  #joining = false
  #waiting: (() => void)[] = []
  #onLost: ((reason: string) => void) | undefined
  #running: Promise<void> | undefined
  #watch: NodeJS.Timeout | undefined

  constructor(cluster: Cluster, options: LeaseOptions, log: Logger) {
    this.#cluster = cluster
    this.#options = options
    this.#log = log
  }

  get state(): LeaseState {
    return this.#state
  }

  /** Why it is in this state, as a sentence for the operator. */
  get reason(): string {
    return this.#reason
  }

  start(signal: AbortSignal): void {
    signal.addEventListener('abort', () => this.#closing.abort(), { once: true })
    this.#watch = setInterval(() => this.#checkTime(), 200)
    this.#watch.unref()
    this.#running ??= this.#run()
  }

  /** Resolves when this process holds the lease, or the signal is aborted. */
  whenActive(signal: AbortSignal): Promise<void> {
    if (this.#state === 'active' || signal.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      this.#waiting.push(resolve)
      signal.addEventListener('abort', () => resolve(), { once: true })
    })
  }

  /** Called when the lease is lost; one listener, the last one set. */
  onLost(callback: (reason: string) => void): void {
    this.#onLost = callback
  }

  /** Leaves the group, so that a standby takes over at once. */
  async close(): Promise<void> {
    this.#closing.abort()
    clearInterval(this.#watch)
    await this.#running
    const membership = this.#membership
    this.#membership = undefined
    if (!membership || this.#memberId === '') return
    const leaving = [{ memberId: this.#memberId, groupInstanceId: null, reason: 'godwit stops' }]
    await this.#cluster
      .callBroker(membership.coordinator, 'leaveGroup', [this.#options.groupId, leaving])
      .catch((error: unknown) => {
        this.#log.debug('could not leave the group; its session will time out', { reason: sentenceOf(error) })
      })
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing
    await this.#takeIfFree()
    for (let attempt = 0; !signal.aborted; ) {
      try {
        await this.#join()
        attempt = 0
        await this.#heartbeat()
      } catch (error) {
        this.#explain(error)
        await sleep(backoff(attempt++, 100, 3000), signal)
      }
    }
  }

  /**
   * Joining an empty group takes the broker's group.initial.rebalance.delay.ms (3 s by default). If nobody is in it, work begins
   * at once and the join follows. 1 two processes find the group empty; 2 both work; 3 both join; 4 the one that claims to hold the
   * lease for longer keeps it, the other loses it. Between 2 and 4 the sequences of the one producer id keep every record single (ADR 0004).
   */
  async #takeIfFree(): Promise<void> {
    try {
      const coordinator = await this.#coordinator()
      const answer = await this.#cluster.callBroker<{
        groups: { errorCode: number; groupState: string; members: unknown[] }[]
      }>(coordinator, 'describeGroups', [[this.#options.groupId], false])
      const group = answer.groups[0]
      if (group && group.members.length === 0 && (group.errorCode === 0 || group.errorCode === 69)) this.#hold()
    } catch (error) {
      this.#explain(error)
    }
  }

  async #join(): Promise<void> {
    this.#joining = true
    try {
      const coordinator = await this.#coordinator()
      const joined = await this.#joinGroup(coordinator)
      this.#membership = { coordinator, generation: joined.generationId }
      this.#lastContact = Date.now()
      await this.#sync(coordinator, joined)
    } finally {
      this.#joining = false
    }
  }

  async #joinGroup(coordinator: number): Promise<JoinAnswer> {
    const { groupId, sessionTimeoutMs } = this.#options
    for (;;) {
      const claim: Claim = { active: this.#state === 'active', since: this.#since }
      const protocols = [{ name: PROTOCOL_NAME, metadata: claimBytes(claim) }]
      const args = [groupId, sessionTimeoutMs, sessionTimeoutMs, this.#memberId, null, PROTOCOL_TYPE, protocols, null]
      const answer = await this.#cluster.callBroker<JoinAnswer>(coordinator, 'joinGroup', args)
      if (answer.errorCode === 0) {
        this.#memberId = answer.memberId
        return answer
      }
      if (answer.errorCode === MEMBER_ID_REQUIRED) this.#memberId = answer.memberId
      else throw this.#refused(answer.errorCode)
    }
  }

  async #sync(coordinator: number, joined: JoinAnswer): Promise<void> {
    const leads = joined.leader === this.#memberId
    const claims = joined.members.map(({ memberId, metadata }) => ({ memberId, claim: parseClaim(metadata) }))
    const assignment = leads ? holderBytes(holderOf(claims)) : undefined
    const assignments = assignment ? claims.map(({ memberId }) => ({ memberId, assignment })) : []
    const args = [
      this.#options.groupId,
      joined.generationId,
      this.#memberId,
      null,
      PROTOCOL_TYPE,
      PROTOCOL_NAME,
      assignments,
    ]
    const answer = await this.#cluster.callBroker<{ errorCode: number; assignment: Buffer }>(
      coordinator,
      'syncGroup',
      args,
    )
    if (answer.errorCode !== 0) throw this.#refused(answer.errorCode)
    this.#lastContact = Date.now()
    const holder = answer.assignment.toString('utf8')
    if (holder === this.#memberId) this.#hold()
    else
      this.#release(
        'standby',
        `another godwit works on this flow (member ${holder} of group ${this.#options.groupId}); this one stands by`,
      )
  }

  /** Returns when the group wants everybody to join again. */
  async #heartbeat(): Promise<void> {
    const { signal } = this.#closing
    let failures = 0
    while (!signal.aborted) {
      await sleep(failures === 0 ? this.#options.heartbeatMs : 300, signal)
      const membership = this.#membership
      if (signal.aborted || !membership) return
      const beat = await this.#beat(membership)
      if (beat === 'rejoin') return
      failures = beat === 'failed' ? failures + 1 : 0
      if (failures > 0) await this.#followCoordinator(membership)
    }
  }

  async #beat(membership: Membership): Promise<'fine' | 'failed' | 'rejoin'> {
    try {
      const args = [this.#options.groupId, membership.generation, this.#memberId, null]
      const { errorCode } = await this.#cluster.callBroker<{ errorCode: number }>(
        membership.coordinator,
        'heartbeat',
        args,
      )
      if (errorCode === 0 || errorCode === REBALANCE_IN_PROGRESS) this.#lastContact = Date.now()
      if (errorCode === 0) return 'fine'
      if (COORDINATOR_TROUBLE.has(errorCode)) return 'failed'
      // Unknown here: the session ended, or a coordinator came back without it. The claim in the next join says that we held the lease.
      if (errorCode === UNKNOWN_MEMBER_ID || errorCode === ILLEGAL_GENERATION) this.#memberId = ''
      return 'rejoin'
    } catch (error) {
      this.#log.debug('a heartbeat failed', { reason: sentenceOf(error) })
      return 'failed'
    }
  }

  async #followCoordinator(membership: Membership): Promise<void> {
    const coordinator = await this.#coordinator().catch(() => membership.coordinator)
    this.#membership = { ...membership, coordinator }
  }

  async #coordinator(): Promise<number> {
    const { groupId } = this.#options
    const answer = await this.#cluster.callAny<{
      coordinators?: { nodeId: number; errorCode: number }[]
      nodeId?: number
      errorCode?: number
    }>('findCoordinator', [0, [groupId]])
    const found = answer.coordinators?.[0] ?? { nodeId: answer.nodeId ?? -1, errorCode: answer.errorCode ?? 0 }
    if (found.errorCode !== 0) throw this.#refused(found.errorCode)
    // The coordinator may be a broker that came up since the last look.
    await this.#cluster.metadata([])
    return found.nodeId
  }

  #refused(code: number): Failure {
    const { groupId } = this.#options
    const where = { cluster: this.#cluster.alias, group: groupId }
    if (code === UNKNOWN_MEMBER_ID) this.#memberId = ''
    if (code !== INCONSISTENT_GROUP_PROTOCOL)
      return failureOfCode(
        code,
        where,
        `group ${groupId} on cluster ${this.#cluster.alias}: ${failureOfCode(code).message}`,
      )
    return new Failure(
      'STANDBY',
      `MirrorMaker 2 is running on this flow: its workers are in group ${groupId} on cluster ${this.#cluster.alias}`,
      {
        ...where,
        remedy: 'stop MirrorMaker 2; godwit then goes on where it was',
      },
    )
  }

  #explain(error: unknown): void {
    if (this.#state === 'active') {
      this.#log.debug('the lease could not be renewed yet', { reason: sentenceOf(error) })
      return
    }
    const reason = sentenceOf(error)
    if (reason !== this.#reason) {
      const remedy = error instanceof Failure ? error.remedy : undefined
      this.#log.warn('waiting for the lease of the flow', { reason, remedy, group: this.#options.groupId })
    }
    this.#state = error instanceof Failure && error.code === 'STANDBY' ? 'standby' : this.#state
    this.#reason = reason
  }

  #hold(): void {
    if (this.#closing.signal.aborted) return
    if (this.#since === 0) this.#since = Date.now()
    if (this.#lastContact === 0) this.#lastContact = Date.now()
    if (this.#state === 'active') return
    this.#state = 'active'
    this.#reason = ''
    for (const resolve of this.#waiting.splice(0)) resolve()
  }

  #release(state: 'standby' | 'lost', reason: string): void {
    const held = this.#state === 'active'
    if (!held && reason !== this.#reason) this.#log.info('standing by', { reason })
    this.#state = state
    this.#reason = reason
    this.#since = 0
    if (held) this.#onLost?.(reason)
  }

  /** Own clock, with a margin: whoever cannot reach the coordinator gives the lease up before it can be given away. */
  #checkTime(): void {
    if (this.#state !== 'active' || this.#closing.signal.aborted) return
    const allowed = this.#options.sessionTimeoutMs - MARGIN_MS + (this.#joining ? this.#options.sessionTimeoutMs : 0)
    if (Date.now() - this.#lastContact > allowed)
      this.#release('lost', 'the coordinator of the flow cannot be reached; another process may take over')
  }
}
