// Reads the settings of a cluster from a text: output of Juju or Kubernetes, a client.properties, or a list of servers.
import { Failure } from '../base/failure.ts'
import { yamlValues } from '../config/text.ts'
import { clientDraft, looksLikeProperties } from './client-properties.ts'
import type { ClusterDraft } from './cluster-draft.ts'
import { jujuDrafts, withoutJujuTalk } from './juju.ts'
import { kubernetesDrafts } from './kubernetes.ts'

const server = /^(?:\[[0-9a-fA-F:.%]+\]|[0-9A-Za-z][0-9A-Za-z._-]*)(?::\d{1,5})?$/

/** The settings of one cluster in the text. @param file for messages @throws Failure CONFIG_INVALID when the format is unknown */
export function draftsOf(text: string, file: string): ClusterDraft[] {
  if (looksLikeProperties(text)) return [clientDraft(text, file)]
  const documents = yamlValues(withoutJujuTalk(text)) ?? []
  const drafts = documents.flatMap((document) => [...kubernetesDrafts(document), ...jujuDrafts(document)])
  if (drafts.length > 0) return drafts
  const servers = serversOf(text)
  if (servers.length > 0) return [{ servers, from: [`the servers of ${file}`] }]
  throw new Failure('CONFIG_INVALID', 'no settings of a cluster were found in it', {
    file,
    remedy:
      "give the output of 'juju show-unit', 'juju show-secret --reveal' or of the action get-credentials, a Secret or KafkaUser as YAML, a client.properties, or servers one per line",
  })
}

/** host:port, separated by commas, blanks or line ends; empty if the text contains anything else. */
export function serversOf(text: string): string[] {
  const words = text
    .replaceAll(/^\s*#.*$/gm, '')
    .split(/[\s,]+/)
    .filter((word) => word !== '')
  return words.every((word) => server.test(word) && /[.:]|^localhost$/.test(word)) ? words : []
}
