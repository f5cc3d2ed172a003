// A process that wants the lease of a flow.
import { silentLogger } from '../../src/base/logger.ts'
import { Cluster } from '../../src/kafka/cluster.ts'
import type { ClusterSettings } from '../../src/kafka/cluster-settings.ts'
import { FlowLease, type LeaseState } from '../../src/lease/flow-lease.ts'
import type { TestCluster } from '../harness/cluster.ts'
import { eventually, stays } from '../harness/eventually.ts'

export const SESSION_MS = 6000
/** A signal that is never aborted. */
export const never = new AbortController().signal

export function settingsOf(kafka: TestCluster): ClusterSettings {
  return {
    alias: 'new',
    bootstrapServers: kafka.bootstrap.split(','),
    clientId: 'lease-test',
    protocol: 'PLAINTEXT',
    connectTimeoutMs: 2000,
    requestTimeoutMs: 10_000,
  }
}

export class Contender implements AsyncDisposable {
  readonly lease: FlowLease
  readonly losses: string[] = []
  readonly #cluster: Cluster

  constructor(kafka: TestCluster, groupId: string, sessionTimeoutMs = SESSION_MS, flow = 'a->b') {
    this.#cluster = new Cluster(settingsOf(kafka), silentLogger)
    const options = { flow, groupId, sessionTimeoutMs, heartbeatMs: 1000, clientId: 'lease-test' }
    this.lease = new FlowLease(this.#cluster, options, silentLogger)
  }

  start(): this {
    this.lease.start(never)
    void this.lease.whenActive(never).then(() => this.lease.onLost((reason) => this.losses.push(reason)))
    return this
  }

  /** The state of its lease, and the reason. */
  get seen(): { readonly state: LeaseState; readonly reason: string } {
    return { state: this.lease.state, reason: this.lease.reason }
  }

  /** Waits for this state. @param withinMs milliseconds @throws AssertionError with the current state */
  async is(state: LeaseState, withinMs: number): Promise<void> {
    await eventually(
      () => this.seen,
      (seen) => seen.state === state,
      withinMs,
    )
  }

  /** Checks that the state does not change for a time. @param forMs milliseconds @throws AssertionError with the other state */
  stays(state: LeaseState, forMs: number): Promise<void> {
    return stays(
      () => this.seen,
      (seen) => seen.state === state,
      forMs,
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.lease.close()
    await this.#cluster.close()
  }
}
