// What a check has to say: how bad, what, why it matters, and what mends it.

/** error: it will fail or lose data; warning: look before you start; note: good to know. */
export type Severity = 'error' | 'warning' | 'note'

/**
 * command: a line for the shell, of Kafka's own tools; setting: a line for the configuration file, in place of one with the same key;
 * resource: YAML for an operator of Kubernetes; advice: a sentence. Where there are several commands, all are needed, in this order.
 */
export interface Remedy {
  readonly kind: 'command' | 'setting' | 'resource' | 'advice'
  readonly text: string
}

export interface Finding {
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
