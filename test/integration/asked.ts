// Settings of a test client, and a check that a value is a Failure.
import assert from 'node:assert/strict'
import { Failure } from '../../src/base/failure.ts'
import type { ClusterSettings } from '../../src/kafka/cluster-settings.ts'

export function settingsFor(bootstrap: string, more: Partial<ClusterSettings> = {}): ClusterSettings {
  return {
    alias: 'old',
    bootstrapServers: bootstrap.split(','),
    clientId: 'asked-test',
    protocol: 'PLAINTEXT',
    connectTimeoutMs: 3000,
    requestTimeoutMs: 10_000,
    ...more,
  }
}

export function failureIn(value: unknown): Failure {
  assert.ok(value instanceof Failure, `expected a Failure, got ${JSON.stringify(value)}`)
  return value
}
