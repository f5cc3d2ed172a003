// Ensures that only one process works on a flow; others are standbys. The lease is a membership in MM2's own Connect group on the
// target (ADR 0006): classic group protocol, protocol type `connect`, a protocol name that no Connect worker supports, one lease per flow.
import { Failure, failures, sentenceOf } from '../base/failure.ts'
import type { Logger } from '../base/logger.ts'
import { backoff, sleep } from '../base/retry.ts'
import { type GroupCluster, Membership } from '../kafka/membership.ts'
import { PROTOCOL_NAME, PROTOCOL_TYPE, refusalOf, thisProcess } from './group-protocol.ts'
import { claimBytes, holderBytes, holders, parseClaim, parseHolder } from './lease-token.ts'

/** active: holds the lease; standby: another process holds it; lost: given up because it could not be renewed. */
export type LeaseState = 'joining' | 'active' | 'standby' | 'lost'

interface LeaseOptions {
  /** name of the flow: flows of one Connect cluster share a group, in which each has its own lease */
  readonly flow: string
  readonly groupId: string
  /** the coordinator gives the lease to another process after this time without a heartbeat (ms) */
  readonly sessionTimeoutMs: number
  readonly heartbeatMs: number
  readonly clientId: string
}

/** The lease is given up this long before another process could get it, so that pending writes can end (ms). */
const MARGIN_MS = 1500
/** Heartbeat interval of a standby: short, to take over soon after the holder has left (ms). */
const STANDBY_HEARTBEAT_MS = 1000
const RETRY_HEARTBEAT_MS = 300
const CLOCK_MS = 100
/** After the first join the lease is held at least this much longer, for the sync (ms). */
const SYNC_MS = 1000
/** How long to wait for the coordinator before the group is joined without checking whether it is empty (ms). */
const SETTLING_MS = 3000

export class FlowLease {
  readonly #options: LeaseOptions
  readonly #log: Logger
  readonly #cluster: GroupCluster
  readonly #membership: Membership
  readonly #closing = new AbortController()
  readonly #who = thisProcess()
  #state: LeaseState = 'joining'
  #reason = 'joining the group of the flow'
  #problem: Failure | undefined
  /** when the lease was acquired, ms since the epoch; 0 if it is not held */
  #since = 0
  /** when a held lease ends unless it is renewed; monotonic ms */
  #heldUntil = 0
  /** the lease was taken because the group was empty, and the first join is pending */
  #isAhead = false
  #waiting: (() => void)[] = []
  #onLost: ((reason: string) => void) | undefined
  #running: Promise<void> | undefined
  #clock: NodeJS.Timeout | undefined

  constructor(cluster: GroupCluster, options: LeaseOptions, log: Logger) {
    this.#cluster = cluster
    this.#options = options
    this.#log = log.child({ group: options.groupId })
    this.#membership = new Membership(cluster, {
      groupId: options.groupId,
      protocolType: PROTOCOL_TYPE,
      protocolName: PROTOCOL_NAME,
      sessionTimeoutMs: options.sessionTimeoutMs,
      // Not shorter: a holder that misses a rebalance must give up by its own clock before it is removed from the group.
      rebalanceTimeoutMs: options.sessionTimeoutMs,
    })
  }

  get state(): LeaseState {
    return this.#state
  }

  /** The reason for the state, for the operator; empty while active. */
  get reason(): string {
    return this.#reason
  }

  /** The failure that prevents getting the lease, if any: STANDBY while MirrorMaker 2 runs, NOT_AUTHORIZED ... */
  get problem(): Failure | undefined {
    return this.#problem
  }

  /** Starts to request the lease, until closed or until the signal is aborted; only close() leaves the group. */
  start(signal: AbortSignal): void {
    if (signal.aborted) this.#closing.abort()
    signal.addEventListener('abort', () => this.#closing.abort(), { once: true, signal: this.#closing.signal })
    this.#clock ??= setInterval(() => this.#checkClock(), CLOCK_MS).unref()
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

  /** Sets the callback for the loss of the lease, which is called soon if the lease is not held now. Only the last one set is called. */
  onLost(callback: (reason: string) => void): void {
    this.#onLost = callback
    if (this.#state !== 'active') queueMicrotask(() => callback(this.#reason))
  }

  /** Leaves the group, so that a standby takes over immediately. No callback is called afterwards. Takes at most 2 s. */
  async close(): Promise<void> {
    this.#closing.abort()
    clearInterval(this.#clock)
    await this.#membership.leave('godwit stops')
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing
    await this.#takeIfEmpty()
    for (let attempt = 0; !signal.aborted; ) {
      try {
        await this.#join()
        attempt = 0
        await this.#stay()
      } catch (error) {
        await this.#report(error)
        await sleep(backoff(attempt++, 100, 1000), signal)
      }
    }
  }

  /**
   * Joining an empty group takes the broker's group.initial.rebalance.delay.ms (3 s by default). If the group is empty, this process
   * starts to work immediately and joins afterwards. The race: 1 two processes find the group empty; 2 both start to work; 3 both join,
   * and the coordinator puts them into one generation; 4 its leader gives the lease to the process that has held it longer, and the other
   * one loses it. Between 2 and 4 both write the same records with the same producer id and the same sequence numbers, so that the target
   * stores each record once (ADR 0004): a few seconds of work are wasted, but nothing is duplicated. A MirrorMaker 2 that starts between
   * 1 and 3 gets the group: godwit's join is rejected, and it gives up the lease.
   */
  async #takeIfEmpty(): Promise<void> {
    const { signal } = this.#closing
    const patience = performance.now() + SETTLING_MS
    for (let attempt = 0; !signal.aborted; attempt++) {
      try {
        const asked = performance.now()
        if (!(await this.#membership.isEmpty())) return
        // Before the first join there is no session that could expire. The join takes longer with more new members, at most a session.
        this.#heldUntil = asked + 2 * this.#options.sessionTimeoutMs
        this.#isAhead = true
        return this.#hold()
      } catch (error) {
        await this.#report(error)
        // A coordinator that is starting would reject a join as well, so a retry loses no time.
        const isTransient = error instanceof Failure && failures[error.code].verdict === 'retry'
        if (!isTransient || performance.now() > patience) return
        await sleep(backoff(attempt, 50, 300), signal)
      }
    }
  }

  async #join(): Promise<void> {
    const claim = { flow: this.#options.flow, active: this.#state === 'active', since: this.#since, who: this.#who }
    const joining = performance.now()
    const joined = await this.#membership.join(claimBytes(claim))
    this.#joined(joining)
    const found = holders(joined.members.map(({ memberId, metadata }) => ({ memberId, claim: parseClaim(metadata) })))
    const assignments = [...found].map(([memberId, holder]) => ({ memberId, assignment: holderBytes(holder) }))
    const syncing = performance.now()
    const assigned = parseHolder(await this.#membership.sync(assignments))
    this.#renew(syncing)
    if (assigned?.memberId === joined.memberId) this.#hold()
    else this.#release('standby', `another godwit works on this flow: ${assigned?.who || 'an unknown process'}`)
  }

  /** Sends heartbeats; returns when this process must rejoin. @throws Failure, except transient ones */
  async #stay(): Promise<void> {
    const { signal } = this.#closing
    let hasFailed = false
    while (!signal.aborted) {
      const pause = this.#state === 'active' ? this.#options.heartbeatMs : STANDBY_HEARTBEAT_MS
      await sleep(hasFailed ? RETRY_HEARTBEAT_MS : Math.min(pause, this.#options.heartbeatMs), signal)
      if (signal.aborted) return
      const sent = performance.now()
      const beat = await this.#membership.heartbeat().catch((error: unknown) => this.#noResponse(error))
      // The start of a rebalance does not renew the lease: the coordinator then only waits for the join.
      if (beat === 'rejoin') return
      hasFailed = beat === 'none'
      if (hasFailed) continue
      this.#renew(sent)
      // The lease was given up by the local clock. It may still belong to this process, but it must be requested again.
      if (this.#state === 'lost') return
    }
  }

  #noResponse(error: unknown): 'none' {
    if (!(error instanceof Failure) || failures[error.code].verdict !== 'retry') throw error
    this.#log.debug('the coordinator did not respond to a heartbeat', { reason: error.message })
    return 'none'
  }

  /** Reports why the lease is not available. After a transient failure a held lease ends by the clock; other failures end it now. */
  async #report(error: unknown): Promise<void> {
    if (this.#closing.signal.aborted) return
    const failure = await this.#failureOf(error)
    const { verdict } = failures[failure.code]
    const isTransient = failure.code !== 'STANDBY' && (verdict === 'retry' || verdict === 'refresh')
    if (isTransient && this.#state === 'active') {
      this.#log.debug('the lease could not be renewed yet', { reason: failure.message })
      return
    }
    if (failure.message !== this.#reason) {
      const { code, message: reason, remedy } = failure
      this.#log.warn('waiting for the lease of the flow', { code, reason, remedy })
    }
    this.#release(isTransient ? this.#state : 'standby', failure.message, failure)
  }

  async #failureOf(error: unknown): Promise<Failure> {
    if (!(error instanceof Failure)) return new Failure('INTERNAL', sentenceOf(error), { cause: error })
    const remedy = 'stop MirrorMaker 2; godwit then continues from its position'
    return refusalOf(error, this.#membership, { cluster: this.#cluster.alias, group: this.#options.groupId, remedy })
  }

  /**
   * The coordinator can remove this member at the earliest a session timeout after its last successful heartbeat or sync: when the
   * session expires, or when a rebalance that started right then ends. Counted from when that request was sent, the local deadline is
   * never later than the coordinator's.
   */
  #renew(sent: number): void {
    this.#heldUntil = Math.max(this.#heldUntil, sent + this.#options.sessionTimeoutMs - MARGIN_MS)
  }

  /** Renews the lease after a join. The first join may have taken longer than a session, so SYNC_MS remain for the sync. */
  #joined(joining: number): void {
    if (this.#isAhead) this.#heldUntil = performance.now() + SYNC_MS
    this.#isAhead = false
    this.#renew(joining)
  }

  #hold(): void {
    if (this.#closing.signal.aborted || this.#state === 'active') return
    this.#since = Date.now()
    this.#state = 'active'
    this.#reason = ''
    this.#problem = undefined
    this.#log.info('this process is active on the flow')
    for (const resolve of this.#waiting.splice(0)) resolve()
  }

  #release(state: LeaseState, reason: string, problem?: Failure): void {
    if (this.#closing.signal.aborted) return
    const wasHeld = this.#state === 'active'
    if (problem === undefined && reason !== this.#reason) this.#log.info('standing by', { reason })
    this.#state = state
    this.#reason = reason
    this.#problem = problem
    this.#since = 0
    if (wasHeld) this.#onLost?.(reason)
  }

  #checkClock(): void {
    if (this.#state !== 'active' || this.#closing.signal.aborted || performance.now() < this.#heldUntil) return
    const { alias } = this.#cluster
    this.#release(
      'lost',
      `the coordinator of the group on cluster ${alias} does not respond; another process may take over`,
    )
  }
}
