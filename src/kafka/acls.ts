// ACLs of topics on one cluster: reading and adding them, in Kafka's own words. Nothing here removes any.
import { toolLine } from '../base/config-command.ts'
import { Failure } from '../base/failure.ts'
import type { Cluster } from './cluster.ts'
import type { ClusterSettings } from './cluster-settings.ts'
import { describeCode, errorCodes, failureOfCode } from './wire-errors.ts'

/** One ACL of a topic or of a pattern of topic names. */
interface TopicAcl {
  /** a topic name or `*` (LITERAL), or the prefix of names (PREFIXED) */
  readonly topic: string
  readonly pattern: 'LITERAL' | 'PREFIXED'
  /** e.g. User:alice */
  readonly principal: string
  readonly host: string
  readonly operation: string
  readonly permission: 'ALLOW' | 'DENY'
}

/** AclOperation by its code in the protocol; 0 is unknown, 1 matches any in a filter. */
const operations = [
  ...['', '', 'ALL', 'READ', 'WRITE', 'CREATE', 'DELETE', 'ALTER', 'DESCRIBE', 'CLUSTER_ACTION', 'DESCRIBE_CONFIGS'],
  ...['ALTER_CONFIGS', 'IDEMPOTENT_WRITE', 'CREATE_TOKENS', 'DESCRIBE_TOKENS', 'TWO_PHASE_COMMIT'],
]
const patterns = { LITERAL: 3, PREFIXED: 4 } as const
const permissions = { DENY: 2, ALLOW: 3 } as const
const TOPIC = 2
const ANY = 1
/** ACLs per request; a controller accepts at most ten thousand changes at a time. */
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
 * All ACLs of topics, except those with a pattern, permission or operation newer than Kafka 4.3.
 * @throws Failure NOT_AUTHORIZED if the user lacks Describe on the cluster, or the cluster has no authorizer (hasNoAuthorizer)
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
    const sentence = `the ACLs of cluster ${cluster.alias} cannot be read: ${describeCode(errorCode, errorMessage)}`
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

/** As `describeTopicAcls`, but returns undefined if the cluster has no authorizer. @throws Failure */
export async function topicAclsIfAny(cluster: Cluster): Promise<TopicAcl[] | undefined> {
  try {
    return await describeTopicAcls(cluster)
  } catch (error) {
    if (hasNoAuthorizer(error)) return undefined
    throw error
  }
}

/**
 * Adds ACLs; existing ones are left unchanged. Returns one result per ACL, in order: undefined, or why it was rejected.
 * @throws Failure if the request fails as a whole
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
    for (const [at, acl] of part.entries()) outcomes.push(failureOf(cluster.alias, acl, answer.results[at]))
  }
  return outcomes
}

interface Result {
  errorCode: number
  errorMessage: string | null
}

/** Whether a request failed because the cluster has no authorizer, so that it cannot have ACLs. */
export function hasNoAuthorizer(error: unknown): boolean {
  return error instanceof Failure && error.circumstances.wireCode === errorCodes.SECURITY_DISABLED
}

function failureOf(cluster: string, { topic }: TopicAcl, result: Result | undefined): Failure | undefined {
  const { errorCode, errorMessage } = result ?? { errorCode: -1, errorMessage: 'no answer' }
  if (errorCode === 0) return undefined
  const sentence = `cluster ${cluster} rejected an ACL of topic ${topic}: ${describeCode(errorCode, errorMessage)}`
  return failureOfCode(errorCode, { cluster, right: 'Alter' }, sentence)
}

function nameOf<Name extends string>(numbers: Readonly<Record<Name, number>>, number: number): Name | undefined {
  return (Object.keys(numbers) as Name[]).find((name) => numbers[name] === number)
}

/** A topic or group (literal), or all whose names begin with a prefix; `*` is all of them. */
interface Granted {
  readonly resourceType: 'topic' | 'group'
  readonly name: string
  readonly patternType: 'literal' | 'prefix'
}

/**
 * The kafka-acls.sh command that grants the user of these settings an operation, quoted for a shell. For a secured cluster it refers
 * to a file ALIAS-admin.properties with the credentials of an administrator. A user without a user name (TLS) is printed as NAME.
 */
export function grantLine(settings: ClusterSettings, right: string, granted: Granted): string {
  const words = ['--add', '--allow-principal', `User:${settings.sasl?.username ?? 'NAME'}`, '--operation', right]
  const kind = granted.patternType === 'prefix' ? ['--resource-pattern-type', 'prefixed'] : []
  return toolLine('kafka-acls.sh', settings, [...words, `--${granted.resourceType}`, granted.name, ...kind])
}
