// Reads Secrets and KafkaUsers as printed by `kubectl get ... -o yaml`; each kind has settings that the other lacks.
import { type ClusterDraft, secretOf } from './cluster-draft.ts'
import { list, type Tree, text, tree } from './tree.ts'

/** Drafts of one document, which may be a List; none if it is neither a Secret nor a KafkaUser. */
export function kubernetesDrafts(document: unknown): ClusterDraft[] {
  const resource = tree(document)
  if (resource['kind'] === 'List') return list(resource['items']).flatMap(kubernetesDrafts)
  if (resource['kind'] === 'Secret') return [secretDraft(resource)]
  return resource['kind'] === 'KafkaUser' ? [userDraft(resource)] : []
}

function nameOf(resource: Tree): string {
  return text(tree(resource['metadata'])['name']) ?? ''
}

function userDraft(resource: Tree): ClusterDraft {
  const type = text(tree(tree(resource['spec'])['authentication'])['type'])
  const from = [`KafkaUser ${nameOf(resource)}`]
  if (type === 'tls' || type === 'tls-external') return { tls: true, from }
  return { username: nameOf(resource), ...(type?.startsWith('scram') && { mechanism: type.toUpperCase() }), from }
}

/** Keys as the operators of Strimzi and Event Streams write them. */
function secretDraft(resource: Tree): ClusterDraft {
  const entry = (key: string) => entryOf(resource, key)
  const labels = tree(tree(resource['metadata'])['labels'])
  const isUser = Object.entries(labels).some(([key, value]) => key.endsWith('/kind') && value === 'KafkaUser')
  const [certificate, key, password, jaas] = ['user.crt', 'user.key', 'password', 'sasl.jaas.config'].map(entry)
  const ca = certificate === undefined ? entry('ca.crt') : undefined
  return {
    ...(isUser && certificate === undefined && { username: nameOf(resource) }),
    ...(password !== undefined && { password: secretOf(password) as NonNullable<ClusterDraft['password']> }),
    ...(jaas?.includes('ScramLoginModule') && { mechanism: 'SCRAM-SHA-512' }),
    ...(certificate !== undefined && { certificate, tls: true }),
    ...(key !== undefined && { key: secretOf(key) as NonNullable<ClusterDraft['key']> }),
    ...(ca !== undefined && { ca, tls: true }),
    from: [`Secret ${nameOf(resource)}`],
  }
}

function entryOf(resource: Tree, key: string): string | undefined {
  const plain = text(tree(resource['stringData'])[key])
  const encoded = text(tree(resource['data'])[key])
  return plain ?? (encoded === undefined ? undefined : Buffer.from(encoded, 'base64').toString('utf8'))
}
