// What a check reports: how bad it is, what is wrong, why it matters, and what fixes it.

/** error: it will fail or lose data; warning: decide before you start; note: good to know. */
type Severity = 'error' | 'warning' | 'note'

/**
 * command: a line for the shell, of Kafka's own tools; setting: a line for the configuration file, in place of one with the same key;
 * resource: YAML for an operator of Kubernetes; advice: a sentence. Where there are several commands, all are needed, in this order.
 */
export interface Remedy {
  readonly kind: 'command' | 'setting' | 'resource' | 'advice'
  readonly text: string
}

/** Every finding that there is, each with what it is about. A test provokes each of them and carries out its remedy. */
export const findingCodes = {
  'flow-unusable': 'the settings of one flow are wrong, and it is not run',
  'address-unreachable': 'an address of the file does not answer, or refuses the login',
  'advertised-address-unreachable': 'an address that a broker advertises does not answer',
  'login-shared': 'a login that one cluster refuses is the same as that of the other cluster',
  'certificate-expires': 'the certificate of a broker expires soon',
  'hostname-not-verified': 'host names are not compared with certificates',
  'same-cluster': 'source and target are the same cluster',
  'cluster-twice': 'two aliases of different flows lead to one cluster',
  'cluster-id-unknown': 'a cluster tells no id',
  'brokers-of-different-versions': 'the brokers of a cluster are of different versions',
  'no-producer-state': 'brokers before Kafka 2.8',
  'no-incremental-alter-configs': 'brokers before Kafka 2.3',
  'no-zstd': 'brokers before Kafka 2.1',
  'feature-missing': 'a feature that is enabled on the source only',
  'permission-missing': 'a permission is missing for what exists',
  'permission-missing-later': 'a permission is missing for what may be created',
  'permission-unknown': 'brokers do not tell whether a permission exists',
  'no-flow-copies': 'no flow of the file is enabled',
  'no-topic-selected': 'the flow selects no topic',
  'pattern-without-match': 'an item of a list matches no topic, or no group',
  'topic-name-too-long': 'the name of a copy is longer than Kafka takes',
  'topic-names-collide': 'names of topics differ only in . and _',
  'replication-loop': 'a topic is copied back to where it came from',
  'topics-merge': 'two flows copy into one topic',
  'position-refused': 'a run does not go on from what is stored of a topic',
  'target-not-empty': 'a target topic holds records that were not copied by the flow',
  'replication-factor-too-large': 'more replicas than brokers',
  'creation-against-policy': 'a policy of the target refuses to create a topic',
  'creation-refused': 'the target refuses to create a topic',
  'min-insync-replicas': 'more replicas have to be in sync than there are, on brokers before Kafka 3.7',
  'state-not-compacted': 'the topic of offsets is not compacted',
  'auto-create': 'the target creates topics that clients ask for',
  'fewer-partitions': 'a target topic has fewer partitions than its source',
  'more-partitions': 'a target topic has more partitions than its source',
  'cleanup-policy': 'cleanup.policy differs',
  'compression-type': 'the brokers of the target recompress',
  'message-timestamp-type': 'message.timestamp.type differs',
  'max-message-bytes': 'the target takes smaller batches',
  'retention-time': 'the target deletes records that are copied, by their age',
  'retention-size': 'the target deletes records that are copied, by their size',
  'source-deletes': 'the source is about to delete records',
  'timestamps-too-old': 'the target refuses records for their old timestamps',
  'timestamps-too-new': 'the target refuses records for timestamps ahead of its clock',
  'disk-broken': 'a broker cannot use a log folder',
  'disk-full': 'the target has too little room',
  'transaction-open': 'a transaction is open on the source',
  'other-worker': 'another process works on the flow',
  'clock-unknown': 'a cluster does not tell its time',
  'clock-differs': 'the clock of a cluster differs',
  'group-beyond-end': 'a committed offset on the target lies beyond the end of its log',
} as const satisfies Readonly<Record<string, string>>

export type FindingCode = keyof typeof findingCodes

export interface Finding {
  readonly code: FindingCode
  readonly severity: Severity
  /** which kind of check found it, e.g. `permission` */
  readonly check: string
  /** alias of the cluster it is about; absent where it is about both */
  readonly cluster?: string
  /** name on that cluster */
  readonly topic?: string
  readonly what: string
  readonly why: string
  readonly remedies: readonly Remedy[]
}

/** Everything that was found about a flow; the worst first. */
export interface FlowReport {
  readonly flow: string
  /** ids of its two clusters, by alias; empty where one does not tell */
  readonly clusterIds: Readonly<Record<string, string>>
  readonly findings: readonly Finding[]
  /** checks that could not be made, each with the reason */
  readonly notMade: readonly { readonly check: string; readonly why: string }[]
}

const order: readonly Severity[] = ['error', 'warning', 'note']

/** The worst first, otherwise in the order they came. */
export function sorted(findings: readonly Finding[]): Finding[] {
  return [...findings].sort((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity))
}
