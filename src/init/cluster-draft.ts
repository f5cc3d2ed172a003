// The known settings of a cluster while `godwit init` writes a configuration; each input provides some of them.
import { Secret } from '../base/logger.ts'

export interface ClusterDraft {
  /** host:port, or only host */
  readonly servers?: readonly string[]
  readonly protocol?: string
  /** whether the listener uses TLS, if no protocol is given */
  readonly tls?: boolean
  readonly mechanism?: string
  readonly username?: string
  readonly password?: Secret
  /** PEM texts */
  readonly ca?: string
  readonly certificate?: string
  readonly key?: Secret
  /** further Kafka client keys from a file, unchanged */
  readonly keys?: Readonly<Record<string, string>>
  /** notes for the user, one sentence each */
  readonly notes?: readonly string[]
  /** the inputs, for the comment above the settings */
  readonly from?: readonly string[]
}

/** Combines drafts: later ones override earlier ones; keys, notes and origins are collected from all. */
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

/** The text as a Secret; undefined if it is empty. */
export function secretOf(text: string | undefined): Secret | undefined {
  return text === undefined || text === '' ? undefined : new Secret(text)
}

/** security.protocol as given, or derived from user and TLS. */
export function protocolOf({ protocol, tls = false, username, certificate, ca }: ClusterDraft): string {
  if (protocol !== undefined) return protocol.toUpperCase()
  const isTls = tls || ca !== undefined || certificate !== undefined
  if (username !== undefined && certificate === undefined) return isTls ? 'SASL_SSL' : 'SASL_PLAINTEXT'
  return isTls ? 'SSL' : 'PLAINTEXT'
}
