// Reserves a flow for a command that changes its stored state: no godwit and no MirrorMaker 2 may work on it meanwhile.
// It takes the lease of the flow. Unlike a process that copies, it waits until the group is stable, and then some time longer:
// a process that found the group empty starts to work before its join completes (flow-lease.ts).
import { Failure, failures } from '../base/failure.ts'
import { backoff, sleep } from '../base/retry.ts'
import { type GroupCluster, Membership } from '../kafka/membership.ts'
import { hostsOf, PROTOCOL_NAME, PROTOCOL_TYPE, refusalOf, thisProcess } from './group-protocol.ts'
import { claimBytes, holderBytes, holders, parseClaim, parseHolder } from './lease-token.ts'

interface SoleWorkerOptions {
  readonly flow: string
  readonly groupId: string
  readonly sessionTimeoutMs: number
}

/** done: no other process was active, with the result of `act`; busy: another process is active on the flow, and `act` was not called */
export type SoleResult<T> =
  | { readonly kind: 'done'; readonly value: T }
  /** @param who the process as text @param hosts of the group members, as reported by the coordinator */
  | { readonly kind: 'busy'; readonly who: string; readonly hosts: string }

/** The group must be stable for this long before `act` is called (ms). */
const QUIET_MS = 1000
const HEARTBEAT_MS = 200
/** How long transient failures of the coordinator are retried (ms). */
const PATIENCE_MS = 15_000

/**
 * Runs `act` while this process holds the lease of the flow.
 * @throws Failure STANDBY if MirrorMaker 2 is running, LEADER_MOVED if another process took the lease while `act` ran; others of the cluster
 */
export async function asSoleWorker<T>(
  cluster: GroupCluster,
  options: SoleWorkerOptions,
  act: () => Promise<T>,
): Promise<SoleResult<T>> {
  const worker = new SoleWorker(cluster, options)
  try {
    const holder = await worker.take()
    if (holder !== undefined) return { kind: 'busy', ...holder }
    return { kind: 'done', value: await worker.keepDuring(act) }
  } finally {
    await worker.leave()
  }
}

class SoleWorker {
  readonly #cluster: GroupCluster
  readonly #options: SoleWorkerOptions
  readonly #membership: Membership
  #since = 0

  constructor(cluster: GroupCluster, options: SoleWorkerOptions) {
    const { groupId, sessionTimeoutMs } = options
    this.#cluster = cluster
    this.#options = options
    const timing = { sessionTimeoutMs, rebalanceTimeoutMs: sessionTimeoutMs }
    const protocol = { protocolType: PROTOCOL_TYPE, protocolName: PROTOCOL_NAME }
    this.#membership = new Membership(cluster, { groupId, ...protocol, ...timing })
  }

  /** Takes the lease. Returns its holder if that is another process. */
  async take(): Promise<{ who: string; hosts: string } | undefined> {
    for (let until = 0, isIn = false; ; ) {
      if (!isIn) {
        const other = await this.#join()
        if (other !== undefined) return { who: other, hosts: await this.#hosts() }
        isIn = true
        until = Date.now() + QUIET_MS
      }
      await sleep(HEARTBEAT_MS)
      isIn = (await this.#membership.heartbeat()) === 'fine'
      if (isIn && Date.now() >= until) break
    }
    this.#since = Date.now()
    return undefined
  }

  /** Keeps the lease while `act` runs, and verifies at the end that it was never lost. */
  async keepDuring<T>(act: () => Promise<T>): Promise<T> {
    const over = new AbortController()
    const keeping = this.#keep(over.signal)
    keeping.catch(() => {})
    try {
      const value = await act()
      over.abort()
      await keeping
      await this.#mustHold()
      return value
    } finally {
      over.abort()
      await keeping.catch(() => {})
    }
  }

  leave(): Promise<void> {
    return this.#membership.leave('the command has ended')
  }

  async #keep(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await sleep(HEARTBEAT_MS, signal)
      if (!signal.aborted) await this.#mustHold()
    }
  }

  async #mustHold(): Promise<void> {
    if ((await this.#membership.heartbeat()) === 'fine') return
    const other = await this.#join()
    if (other === undefined) return
    const { flow, groupId: group } = this.#options
    const sentence = `${other || 'another process'} started to work on flow ${flow} while its positions were being changed`
    throw new Failure('LEADER_MOVED', sentence, {
      cluster: this.#cluster.alias,
      group,
      flow,
      remedy: 'check the stored positions with `godwit positions show`, and run the command again',
    })
  }

  /** Joins or rejoins, with retries of transient failures. Returns the holder of the lease, or undefined if it is this process. */
  async #join(): Promise<string | undefined> {
    const deadline = Date.now() + PATIENCE_MS
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.#joinOnce()
      } catch (error) {
        const isTransient =
          error instanceof Failure && error.code !== 'STANDBY' && failures[error.code].verdict === 'retry'
        if (!isTransient || Date.now() > deadline) throw error
        await sleep(backoff(attempt, 100, 1000))
      }
    }
  }

  async #joinOnce(): Promise<string | undefined> {
    const { flow, groupId: group } = this.#options
    // Does not claim to be active before take() has succeeded, so that a process that works already keeps the lease.
    const claim = { flow, active: this.#since > 0, since: this.#since, who: thisProcess() }
    try {
      const joined = await this.#membership.join(claimBytes(claim))
      const found = holders(joined.members.map(({ memberId, metadata }) => ({ memberId, claim: parseClaim(metadata) })))
      const assignments = [...found].map(([memberId, holder]) => ({ memberId, assignment: holderBytes(holder) }))
      const assigned = parseHolder(await this.#membership.sync(assignments))
      return assigned?.memberId === joined.memberId ? undefined : (assigned?.who ?? '')
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      const remedy = 'stop MirrorMaker 2, run the command again, then start it or godwit'
      throw await refusalOf(error, this.#membership, { cluster: this.#cluster.alias, group, remedy })
    }
  }

  async #hosts(): Promise<string> {
    const found = await this.#membership.describe().catch(() => undefined)
    return hostsOf(found?.members ?? [])
  }
}
