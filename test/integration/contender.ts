// One who wants the lease of a flow, for tests.
import assert from 'node:assert/strict'
import { silentLogger } from '../../src/base/logger.ts'
import { Cluster } from '../../src/kafka/cluster.ts'
import type { ClusterSettings } from '../../src/kafka/cluster-settings.ts'
import { FlowLease, type LeaseState } from '../../src/lease/flow-lease.ts'
import type { TestCluster } from '../harness/cluster.ts'

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

  is(state: LeaseState, withinMs: number): Promise<void> {
    return eventually(
      () => this.lease.state === state,
      withinMs,
      () => `${this.lease.state}: ${this.lease.reason}`,
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.lease.close()
    await this.#cluster.close()
  }
}

export async function eventually(isTrue: () => boolean, withinMs: number, state: () => string): Promise<void> {
  const deadline = Date.now() + withinMs
  while (!isTrue()) {
    if (Date.now() > deadline) assert.fail(`not within ${withinMs} ms; it is ${state()}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
