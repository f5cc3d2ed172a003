// A text that somebody has about a cluster - from Juju, Kubernetes, a client.properties, a list of servers - as drafts.
import { Failure } from '../base/failure.ts'
import { yamlValues } from '../config/yaml-text.ts'
import { clientDraft, looksLikeProperties } from './client-properties.ts'
import type { ClusterDraft } from './cluster-draft.ts'
import { jujuDrafts, withoutJujuTalk } from './juju.ts'
import { kubernetesDrafts } from './kubernetes.ts'

const server = /^(?:\[[0-9a-fA-F:.%]+\]|[0-9A-Za-z][0-9A-Za-z._-]*)(?::\d{1,5})?$/

/** What the text tells about one cluster. @param file for messages @throws Failure CONFIG_INVALID when it is nothing that is known */
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

/** host:port, separated by commas, blanks or lines; empty when anything else stands between them. */
export function serversOf(text: string): string[] {
  const words = text
    .replaceAll(/^\s*#.*$/gm, '')
    .split(/[\s,]+/)
    .filter((word) => word !== '')
  return words.every((word) => server.test(word) && /[.:]|^localhost$/.test(word)) ? words : []
}
