// Reads Juju's output about a relation to Charmed Kafka: show-unit, the action get-credentials in all its formats, show-secret.
import { type ClusterDraft, secretOf } from './cluster-draft.ts'
import { list, type Tree, text, tree } from './tree.ts'

/** The mechanism of the users that Charmed Kafka creates. */
const MECHANISM = 'SCRAM-SHA-512'

/** Drafts of one document; none if it is not output of Juju. Secrets that a relation only names come from another document. */
export function jujuDrafts(document: unknown): ClusterDraft[] {
  return [...units(document), ...credentials(document), ...secrets(document)]
}

function units(document: unknown): ClusterDraft[] {
  return Object.entries(tree(document)).flatMap(([unit, value]) => {
    const relations = list(tree(value)['relation-info']).map(tree)
    const ours = relations.filter(isKafka)
    const others = ours.length > 1 ? [`${unit} has ${ours.length} relations to Kafka; the last one is used`] : []
    return ours.map((relation) => relationDraft(tree(relation['application-data']), unit, others))
  })
}

/** Whether a relation is one to Kafka: other relations of the unit may have user names too. */
function isKafka(relation: Tree): boolean {
  if (text(tree(relation['application-data'])['endpoints']) === undefined) return false
  return relation['endpoint'] === 'kafka' || relation['related-endpoint'] === 'kafka-client'
}

/** The results of `juju run UNIT get-credentials`: at the top, below the unit, or below its results (Juju 2.9 and --format json). */
function credentials(document: unknown): ClusterDraft[] {
  const bare = tree(document)
  const wrapped = Object.values(bare).flatMap((value) => [tree(value), tree(tree(value)['results'])])
  const found = [bare, ...wrapped].map(({ kafka }) => tree(kafka)).filter(({ endpoints }) => text(endpoints))
  return found.map((data) => relationDraft(data, 'get-credentials', []))
}

function relationDraft(data: Tree, from: string, notes: readonly string[]): ClusterDraft {
  const isTls = data['tls'] === 'enabled'
  const ca = text(data['tls-ca'])
  const username = text(data['username'])
  const password = secretOf(text(data['password']))
  return {
    servers: (text(data['endpoints']) ?? '').split(',').map((server) => server.trim()),
    protocol: isTls ? 'SASL_SSL' : 'SASL_PLAINTEXT',
    mechanism: MECHANISM,
    ...(username !== undefined && { username }),
    ...(password && { password }),
    ...(isTls && ca !== undefined && { ca }),
    notes: [...notes, ...roleNotes(data), ...secretNotes(data)],
    from: [`Juju, ${from}`],
  }
}

/** `data` is JSON in a string: the request of the other side of the relation. */
function roleNotes(data: Tree): string[] {
  const [, roles] = /"extra-user-roles":\s*"([^"]*)"/.exec(text(data['data']) ?? '') ?? []
  if (roles === undefined || roles.split(',').includes('admin')) return []
  return [
    `the user has the roles ${roles}: without admin it can neither copy ACLs nor commit for other groups; deploy data-integrator with extra-user-roles=admin`,
  ]
}

function secretNotes(data: Tree): string[] {
  const secret = text(data['secret-user'])
  if (secret === undefined || text(data['password']) !== undefined) return []
  const id =
    secret
      .replace(/^secret:/, '')
      .split('/')
      .at(-1) ?? ''
  return [`user and password are in a Juju secret: give the output of 'juju show-secret --reveal ${id}' as well`]
}

function secrets(document: unknown): ClusterDraft[] {
  return Object.entries(tree(document)).flatMap(([id, value]) => {
    const content = tree(tree(value)['content'])
    const [username, password, ca] = [content['username'], content['password'], content['tls-ca']].map(text)
    if (username === undefined && ca === undefined) return []
    return [
      {
        ...(username !== undefined && { username }),
        ...(password !== undefined && { password: secretOf(password) as NonNullable<ClusterDraft['password']> }),
        ...(ca !== undefined && content['tls'] !== 'disabled' && { ca }),
        from: [`Juju, secret ${id}`],
      },
    ]
  })
}

/** The output without the lines that `juju run` prints before its results. */
export function withoutJujuTalk(output: string): string {
  const lines = output.split('\n')
  const first = lines.findIndex(
    (line) => /^[^\s#][^\s]*:(\s|$)|^["{[]|^---/.test(line) && !/^Running operation/.test(line),
  )
  return first <= 0 ? output : lines.slice(first).join('\n')
}
