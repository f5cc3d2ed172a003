// ACLs of topics on one cluster: reading and adding them, in Kafka's own words. Nothing here removes any.
import { Failure } from '../base/failure.ts'
import { shellWord } from '../base/shell-word.ts'
import type { Cluster } from './cluster.ts'
import type { ClusterSettings } from './cluster-settings.ts'
import { errorCodes, failureOfCode, wordsOfCode } from './wire-errors.ts'

/** One ACL of a topic or of a pattern of topic names. */
interface TopicAcl {
  /** a name, the beginning of names, or `*`, as `pattern` says */
  readonly topic: string
  readonly pattern: 'LITERAL' | 'PREFIXED'
  /** e.g. User:alice */
  readonly principal: string
  readonly host: string
  readonly operation: string
  readonly permission: 'ALLOW' | 'DENY'
}

/** Numbers that requests and answers bear; 0 is unknown, 1 means any in a filter. */
const operations = [
  ...['', '', 'ALL', 'READ', 'WRITE', 'CREATE', 'DELETE', 'ALTER', 'DESCRIBE', 'CLUSTER_ACTION', 'DESCRIBE_CONFIGS'],
  ...['ALTER_CONFIGS', 'IDEMPOTENT_WRITE', 'CREATE_TOKENS', 'DESCRIBE_TOKENS', 'TWO_PHASE_COMMIT'],
]
const patterns = { LITERAL: 3, PREFIXED: 4 } as const
const permissions = { DENY: 2, ALLOW: 3 } as const
const TOPIC = 2
const ANY = 1
/** ACLs per request: a controller takes ten thousand changes at a time at most. */
const ACLS_PER_REQUEST = 1000

interface Described {
  errorCode: number
  errorMessage: string | null
  resources: {
    resourceName: string
    resourcePatternType: number
    acls: { principal: string; host: string; operation: number; permissionType: number }[]
  }[]
}

/**
 * All ACLs of topics. What is of a kind newer than Kafka 4.3 is left out, as it could not be made elsewhere.
 * @throws Failure NOT_AUTHORIZED without Describe on the cluster; hasNoAuthorizer tells whether that is why
 */
export async function describeTopicAcls(cluster: Cluster): Promise<TopicAcl[]> {
  const filter = {
    resourceType: TOPIC,
    resourceName: null,
    resourcePatternType: ANY,
    principal: null,
    host: null,
    operation: ANY,
    permissionType: ANY,
  }
  const { errorCode, errorMessage, resources } = await cluster.callAny<Described>('describeAcls', [filter])
  if (errorCode !== 0) {
    const sentence = `the ACLs of cluster ${cluster.alias} cannot be read: ${wordsOfCode(errorCode, errorMessage)}`
    throw failureOfCode(errorCode, { cluster: cluster.alias, right: 'Describe' }, sentence)
  }
  return resources.flatMap(({ resourceName, resourcePatternType, acls }) =>
    acls.flatMap(({ principal, host, operation, permissionType }) => {
      const [pattern, permission] = [nameOf(patterns, resourcePatternType), nameOf(permissions, permissionType)]
      const word = operations[operation]
      if (!(pattern && permission && word)) return []
      return [{ topic: resourceName, pattern, principal, host, operation: word, permission }]
    }),
  )
}

/** As `describeTopicAcls`; undefined where the cluster has no authorizer, and so no ACLs. @throws every other Failure of it */
export async function topicAclsIfAny(cluster: Cluster): Promise<TopicAcl[] | undefined> {
  try {
    return await describeTopicAcls(cluster)
  } catch (error) {
    if (hasNoAuthorizer(error)) return undefined
    throw error
  }
}

/**
 * Adds ACLs; one that is there already stays. Gives the outcome of each, in their order: undefined, or why it was refused.
 * @throws Failure when the cluster cannot be asked
 */
export async function createTopicAcls(
  cluster: Cluster,
  acls: readonly TopicAcl[],
): Promise<readonly (Failure | undefined)[]> {
  const outcomes: (Failure | undefined)[] = []
  for (let i = 0; i < acls.length; i += ACLS_PER_REQUEST) {
    const part = acls.slice(i, i + ACLS_PER_REQUEST)
    const creations = part.map(({ topic, pattern, principal, host, operation, permission }) => ({
      resourceType: TOPIC,
      resourceName: topic,
      resourcePatternType: patterns[pattern],
      principal,
      host,
      operation: operations.indexOf(operation),
      permissionType: permissions[permission],
    }))
    const answer = await cluster.callController<{ results: Result[] }>('createAcls', [creations], { lane: 'change' })
    for (const [at, acl] of part.entries()) outcomes.push(outcome(cluster.alias, acl, answer.results[at]))
  }
  return outcomes
}

interface Result {
  errorCode: number
  errorMessage: string | null
}

/** Whether the cluster has refused for having no authorizer: there are no ACLs on it, nor can there be. */
export function hasNoAuthorizer(error: unknown): boolean {
  return error instanceof Failure && error.circumstances.wireCode === errorCodes.SECURITY_DISABLED
}

function outcome(cluster: string, { topic }: TopicAcl, result: Result | undefined): Failure | undefined {
  const { errorCode, errorMessage } = result ?? { errorCode: -1, errorMessage: 'no answer' }
  if (errorCode === 0) return undefined
  const sentence = `cluster ${cluster} refuses an ACL of topic ${topic}: ${wordsOfCode(errorCode, errorMessage)}`
  return failureOfCode(errorCode, { cluster, right: 'Alter' }, sentence)
}

function nameOf<Name extends string>(numbers: Readonly<Record<Name, number>>, number: number): Name | undefined {
  return (Object.keys(numbers) as Name[]).find((name) => numbers[name] === number)
}

/** A topic or group, or all that begin with a name; `*` is all of them. */
interface Granted {
  readonly resourceType: 'topic' | 'group'
  readonly name: string
  readonly patternType: 'literal' | 'prefix'
}

/**
 * The line of kafka-acls.sh that grants the user of these settings a right, for an administrator to type: on a secured cluster it names
 * a file ALIAS-admin.properties with that login. A user without a user name (TLS) is called NAME.
 */
export function grantLine(settings: ClusterSettings, right: string, granted: Granted): string {
  const { alias, bootstrapServers, protocol, sasl } = settings
  const login = protocol === 'PLAINTEXT' ? [] : ['--command-config', `${alias}-admin.properties`]
  const words = ['--add', '--allow-principal', `User:${sasl?.username ?? 'NAME'}`, '--operation', right]
  const kind = granted.patternType === 'prefix' ? ['--resource-pattern-type', 'prefixed'] : []
  const all = ['--bootstrap-server', bootstrapServers.join(','), ...login, ...words]
  return ['kafka-acls.sh', ...[...all, `--${granted.resourceType}`, granted.name, ...kind].map(shellWord)].join(' ')
}
