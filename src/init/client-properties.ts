// A client.properties of Kafka's tools as a draft.
import { propertiesOf } from '../config/text.ts'
import type { ClusterDraft } from './cluster-draft.ts'

/** Whether the text has keys that only such a file has. */
export function looksLikeProperties(text: string): boolean {
  return /^\s*(?:bootstrap\.servers|security\.protocol|sasl\.[a-z.]+|ssl\.[a-z.]+)\s*[=:]/m.test(text)
}

/** @throws Failure CONFIG_INVALID with the line that Java could not read either */
export function clientDraft(text: string, file: string): ClusterDraft {
  const { 'bootstrap.servers': servers, 'security.protocol': protocol, ...keys } = propertiesOf(text, file)
  return {
    ...(servers !== undefined && { servers: servers.split(',').map((one) => one.trim()) }),
    ...(protocol !== undefined && { protocol }),
    keys,
    from: [file],
  }
}
