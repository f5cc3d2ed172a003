// Reads a client.properties of Kafka's tools.
import { propertiesOf } from '../config/text.ts'
import type { ClusterDraft } from './cluster-draft.ts'

/** Whether the text has keys of Kafka clients without a prefix, as only a client.properties has. */
export function looksLikeProperties(text: string): boolean {
  return /^\s*(?:bootstrap\.servers|security\.protocol|sasl\.[a-z.]+|ssl\.[a-z.]+)\s*[=:]/m.test(text)
}

/** The settings of a client.properties. @param file for messages @throws Failure CONFIG_INVALID with the line, if it is not valid Java properties */
export function clientDraft(text: string, file: string): ClusterDraft {
  const { 'bootstrap.servers': servers, 'security.protocol': protocol, ...keys } = propertiesOf(text, file)
  return {
    ...(servers !== undefined && { servers: servers.split(',').map((one) => one.trim()) }),
    ...(protocol !== undefined && { protocol }),
    keys,
    from: [file],
  }
}
