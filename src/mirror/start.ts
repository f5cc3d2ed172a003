// Where copying of a partition begins that has no stored position.
import type { FlowSettings } from './flow-settings.ts'

/** earliest: the start of the log; latest: its end; none: nowhere, which is reported as a problem. */
export type StartAt = { readonly kind: 'earliest' | 'latest' | 'none' }

/** What the configuration says for partitions of a source topic. */
export function startAtOf(settings: FlowSettings, _topic: string): StartAt {
  return { kind: settings.autoOffsetReset }
}
