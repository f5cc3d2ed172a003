// Every finding of `godwit check`, and the test that provokes it. A finding without a case is a type error, and
// test/unit/preflight/finding-codes.test.ts fails.
import type { FindingCode } from '../../../src/preflight/finding.ts'

/**
 * Either a scene on real clusters (`remedies-SCENE.test.ts` in this folder): it provokes the finding, follows the printed remedy,
 * and checks that the finding is gone. Or a title in test/unit/preflight/checks.test.ts, and the reason why the harness cannot
 * provoke it on real clusters.
 */
export type Case = Scene | { readonly unit: string; readonly why: string }
export type Scene = 'topics' | 'lists' | 'versions' | 'addresses' | 'secured' | 'disks' | 'positions'

const tooOld = 'brokers of such old versions need ZooKeeper'

export const cases: Readonly<Record<FindingCode, Case>> = {
  'flow-unusable': 'lists',
  'address-unreachable': 'addresses',
  'advertised-address-unreachable': 'addresses',
  'login-shared': 'secured',
  'certificate-expires': 'secured',
  'hostname-not-verified': 'secured',
  'same-cluster': 'addresses',
  'cluster-twice': 'topics',
  'cluster-id-unknown': {
    unit: 'a cluster without an id is reported, as are brokers without required requests',
    why: tooOld,
  },
  'brokers-of-different-versions': {
    unit: 'brokers of different versions, and one cluster under two aliases, are found',
    why: 'the harness starts the brokers of a cluster from one version',
  },
  'no-producer-state': {
    unit: 'a cluster without an id is reported, as are brokers without required requests',
    why: tooOld,
  },
  'no-incremental-alter-configs': {
    unit: 'a cluster without an id is reported, as are brokers without required requests',
    why: tooOld,
  },
  'no-zstd': { unit: 'a cluster without an id is reported, as are brokers without required requests', why: tooOld },
  'feature-missing': 'lists',
  'permission-missing': 'secured',
  'permission-missing-later': 'secured',
  'permission-unknown': 'addresses',
  'no-flow-copies': {
    unit: 'a file without an enabled flow is reported, and no direction is chosen',
    why: 'it concerns only the file, and the user decides which line to write',
  },
  'no-topic-selected': 'lists',
  'pattern-without-match': 'lists',
  'topic-name-too-long': 'versions',
  'topic-names-collide': 'topics',
  'replication-loop': 'topics',
  'topics-merge': 'topics',
  'position-refused': 'positions',
  'target-not-empty': 'topics',
  'replication-factor-too-large': 'topics',
  'creation-against-policy': 'lists',
  'creation-refused': 'versions',
  'min-insync-replicas': 'versions',
  'state-not-compacted': 'topics',
  'auto-create': 'lists',
  'fewer-partitions': 'topics',
  'more-partitions': 'topics',
  'cleanup-policy': 'topics',
  'compression-type': 'topics',
  'message-timestamp-type': 'topics',
  'max-message-bytes': 'topics',
  'retention-time': 'topics',
  'retention-size': 'topics',
  'source-deletes': 'topics',
  'timestamps-too-old': 'topics',
  'timestamps-too-new': 'topics',
  'disk-broken': 'disks',
  'disk-full': 'disks',
  'transaction-open': 'topics',
  'other-worker': 'lists',
  'clock-unknown': 'secured',
  'clock-differs': {
    unit: 'clocks that differ are a warning, and an unknown clock is a note',
    why: 'all brokers of the harness use the same clock',
  },
  'group-beyond-end': 'topics',
}

/** Findings that require no action, and therefore have no remedy. */
export const withoutRemedy: ReadonlySet<FindingCode> = new Set([
  'cluster-id-unknown',
  'no-producer-state',
  'no-zstd',
  'clock-unknown',
  'permission-unknown',
  'other-worker',
])

export function codesOf(scene: Scene): FindingCode[] {
  return (Object.keys(cases) as FindingCode[]).filter((code) => cases[code] === scene)
}
