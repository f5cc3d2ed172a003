// One process works on a flow, others stand by. The lease is a membership in MM2's own Connect group on the target (ADR 0006):
// classic group protocol, protocol type `connect`, a protocol name that no Connect worker speaks, one token per flow.
import { Failure, failures, sentenceOf } from '../base/failure.ts'
import type { Logger } from '../base/logger.ts'
import { backoff, sleep } from '../base/retry.ts'
import { type GroupCluster, Membership } from '../kafka/membership.ts'
import { PROTOCOL_NAME, PROTOCOL_TYPE, refusalOf, thisProcess } from './group-protocol.ts'
import { claimBytes, holderBytes, holders, parseClaim, parseHolder } from './lease-token.ts'

export type LeaseState = 'joining' | 'active' | 'standby' | 'lost'

interface LeaseOptions {
  /** its name: flows of one Connect cluster share a group, and each has a lease of its own in it */
  readonly flow: string
  readonly groupId: string
  /** after so long without a sign of us the coordinator gives the lease to another (ms) */
  readonly sessionTimeoutMs: number
  readonly heartbeatMs: number
  readonly clientId: string
}

/** The lease is given up this long before the broker could give it away, so that what is under way can end (ms). */
const MARGIN_MS = 1500
/** Who stands by asks often, to take over soon after the holder has left (ms). */
const STANDBY_HEARTBEAT_MS = 1000
const RETRY_HEARTBEAT_MS = 300
const CLOCK_MS = 100
/** After a first join that took longer than the lease is held, its sync is waited for this long (ms). */
const SYNC_MS = 1000
/** How long a coordinator may take to come up before its group is joined without having looked (ms). */
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
  /** since when the lease is held, ms since the epoch; 0 when it is not */
  #since = 0
  /** when a held lease ends unless the coordinator hears of us before; monotonic ms */
  #heldUntil = 0
  /** begun on an empty group, its first join not yet done */
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
      // Not shorter: a holder that misses a rebalance must have given up by its own clock before it is put out.
      rebalanceTimeoutMs: options.sessionTimeoutMs,
    })
  }

  get state(): LeaseState {
    return this.#state
  }

  /** Why it is in this state, as a sentence for the operator; empty while active. */
  get reason(): string {
    return this.#reason
  }

  /** What keeps this process from the lease, if anything does: STANDBY when MirrorMaker 2 works, NOT_AUTHORIZED ... */
  get problem(): Failure | undefined {
    return this.#problem
  }

  /** Begins to ask for the lease and goes on until closed, or until the signal is aborted; leaving the group takes close(). */
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

  /** Called when the lease is lost, soon after if it is lost already; one listener, the last one set. */
  onLost(callback: (reason: string) => void): void {
    this.#onLost = callback
    if (this.#state !== 'active') queueMicrotask(() => callback(this.#reason))
  }

  /** Leaves the group, so that a standby takes over at once. Nothing is reported after it. Takes 2 s at most. */
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
        await this.#explain(error)
        await sleep(backoff(attempt++, 100, 1000), signal)
      }
    }
  }

  /**
   * Joining an empty group takes the broker's group.initial.rebalance.delay.ms (3 s by default). If nobody is in it, work begins
   * at once and the join follows. The race: 1 two processes find the group empty; 2 both begin to work; 3 both join, and the coordinator
   * puts them into one generation; 4 its leader gives the lease to the one that has held it longer, the other is told that it is lost.
   * Between 2 and 4 both write the same records with the same producer id and the same sequences, so that the target takes each once
   * (ADR 0004): work is wasted for a few seconds, nothing is doubled. A MirrorMaker 2 that starts between 1 and 3 wins the group:
   * our join is refused and the lease given up.
   */
  async #takeIfEmpty(): Promise<void> {
    const { signal } = this.#closing
    const patience = performance.now() + SETTLING_MS
    for (let attempt = 0; !signal.aborted; attempt++) {
      try {
        const asked = performance.now()
        if (!(await this.#membership.isEmpty())) return
        // Nothing to be put out of before the first join, which lasts longer the more newcomers there are: a session at most.
        this.#heldUntil = asked + 2 * this.#options.sessionTimeoutMs
        this.#isAhead = true
        return this.#hold()
      } catch (error) {
        await this.#explain(error)
        // A coordinator that is only just coming up would refuse a join as well, so nothing is lost by asking it again.
        const mayPass = error instanceof Failure && failures[error.code].verdict === 'retry'
        if (!mayPass || performance.now() > patience) return
        await sleep(backoff(attempt, 50, 300), signal)
      }
    }
  }

  async #join(): Promise<void> {
    const claim = { flow: this.#options.flow, active: this.#state === 'active', since: this.#since, who: this.#who }
    const joining = performance.now()
    const joined = await this.#membership.join(claimBytes(claim))
    this.#settle(joining)
    const found = holders(joined.members.map(({ memberId, metadata }) => ({ memberId, claim: parseClaim(metadata) })))
    const assignments = [...found].map(([memberId, holder]) => ({ memberId, assignment: holderBytes(holder) }))
    const syncing = performance.now()
    const assigned = parseHolder(await this.#membership.sync(assignments))
    this.#heard(syncing)
    if (assigned?.memberId === joined.memberId) this.#hold()
    else this.#release('standby', `another godwit works on this flow: ${assigned?.who || 'an unknown process'}`)
  }

  /** Heartbeats; returns when the group has to be joined again. @throws Failure that is none of the network's */
  async #stay(): Promise<void> {
    const { signal } = this.#closing
    let isSilent = false
    while (!signal.aborted) {
      const pause = this.#state === 'active' ? this.#options.heartbeatMs : STANDBY_HEARTBEAT_MS
      await sleep(isSilent ? RETRY_HEARTBEAT_MS : Math.min(pause, this.#options.heartbeatMs), signal)
      if (signal.aborted) return
      const sent = performance.now()
      const beat = await this.#membership.heartbeat().catch((error: unknown) => this.#silence(error))
      // The beginning of a rebalance does not count as contact: from there on the coordinator only waits for our join.
      if (beat === 'rejoin') return
      isSilent = beat === 'silence'
      if (isSilent) continue
      this.#heard(sent)
      // Back after having given up by our own clock: the token may still be ours, but it has to be asked for.
      if (this.#state === 'lost') return
    }
  }

  #silence(error: unknown): 'silence' {
    if (!(error instanceof Failure) || failures[error.code].verdict !== 'retry') throw error
    this.#log.debug('the coordinator did not respond to a heartbeat', { reason: error.message })
    return 'silence'
  }

  /** Says why the lease cannot be had. A trouble that may pass leaves a held lease to the clock; anything else ends it. */
  async #explain(error: unknown): Promise<void> {
    if (this.#closing.signal.aborted) return
    const failure = await this.#failureOf(error)
    const { verdict } = failures[failure.code]
    const mayPass = failure.code !== 'STANDBY' && (verdict === 'retry' || verdict === 'refresh')
    if (mayPass && this.#state === 'active') {
      this.#log.debug('the lease could not be renewed yet', { reason: failure.message })
      return
    }
    if (failure.message !== this.#reason) {
      const { code, message: reason, remedy } = failure
      this.#log.warn('waiting for the lease of the flow', { code, reason, remedy })
    }
    this.#release(mayPass ? this.#state : 'standby', failure.message, failure)
  }

  async #failureOf(error: unknown): Promise<Failure> {
    if (!(error instanceof Failure)) return new Failure('INTERNAL', sentenceOf(error), { cause: error })
    const remedy = 'stop MirrorMaker 2; godwit then continues from its position'
    return refusalOf(error, this.#membership, { cluster: this.#cluster.alias, group: this.#options.groupId, remedy })
  }

  /**
   * The coordinator can put us out at the earliest a session timeout after it last heard of us as a settled member: by the end of
   * the session, or of a rebalance that began right then. Counted from when that request was sent, this clock is never behind its.
   */
  #heard(sent: number): void {
    this.#heldUntil = Math.max(this.#heldUntil, sent + this.#options.sessionTimeoutMs - MARGIN_MS)
  }

  /** The join is answered. One that was waited for longer than the lease is held from its sending needs the time of its sync. */
  #settle(joining: number): void {
    if (this.#isAhead) this.#heldUntil = performance.now() + SYNC_MS
    this.#isAhead = false
    this.#heard(joining)
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
