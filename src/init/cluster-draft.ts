// What is known of a cluster while a configuration is being made; every source of knowledge fills in a part.
import { Secret } from '../base/logger.ts'

export interface ClusterDraft {
  /** host:port, or only host */
  readonly servers?: readonly string[]
  readonly protocol?: string
  /** whether the listener speaks TLS, where no protocol is named */
  readonly tls?: boolean
  readonly mechanism?: string
  readonly username?: string
  readonly password?: Secret
  /** PEM texts */
  readonly ca?: string
  readonly certificate?: string
  readonly key?: Secret
  /** further client keys of Kafka's, as they stood in a file */
  readonly keys?: Readonly<Record<string, string>>
  /** what somebody should know about it, a sentence each */
  readonly notes?: readonly string[]
  /** where it came from, for the comment above it */
  readonly from?: readonly string[]
}

/** Later drafts fill in and win; keys, notes and origins are kept of all. */
export function mergedDrafts(drafts: readonly ClusterDraft[]): ClusterDraft {
  const merged = Object.assign({}, ...drafts.map(given)) as ClusterDraft
  return {
    ...merged,
    keys: Object.assign({}, ...drafts.map(({ keys }) => keys ?? {})) as Record<string, string>,
    notes: drafts.flatMap(({ notes = [] }) => notes),
    from: [...new Set(drafts.flatMap(({ from = [] }) => from))],
  }
}

const given = (draft: ClusterDraft) =>
  Object.fromEntries(Object.entries(draft).filter(([, value]) => value !== undefined))

/** A secret, unless there is nothing to keep. */
export function secretOf(text: string | undefined): Secret | undefined {
  return text === undefined || text === '' ? undefined : new Secret(text)
}

/** security.protocol as given, or as it follows from user and TLS. */
export function protocolOf({ protocol, tls = false, username, certificate, ca }: ClusterDraft): string {
  if (protocol !== undefined) return protocol.toUpperCase()
  const isTls = tls || ca !== undefined || certificate !== undefined
  if (username !== undefined && certificate === undefined) return isTls ? 'SASL_SSL' : 'SASL_PLAINTEXT'
  return isTls ? 'SSL' : 'PLAINTEXT'
}
