// Determines what the user of a connection may do, without changing anything. For existing resources brokers return the authorized
// operations (KIP-430). For other resources the error code of a test request shows it, because brokers check permissions first.
import { expectedFailure, Failure } from '../../base/failure.ts'
import type { Cluster } from '../cluster.ts'
import { errorCodes, failureOfCode } from '../wire-errors.ts'
import { produceProbe } from './produce-probe.ts'

/** AclOperation, by Kafka's names. */
export type Operation =
  | 'Read'
  | 'Write'
  | 'Create'
  | 'Alter'
  | 'Describe'
  | 'DescribeConfigs'
  | 'AlterConfigs'
  | 'IdempotentWrite'

/** A Failure if it could not be determined. */
export type PermissionState = 'allowed' | 'denied' | Failure

/** Bits of the authorized operations: codes of AclOperation. */
const codes: Readonly<Record<Operation, number>> = {
  Read: 3,
  Write: 4,
  Create: 5,
  Alter: 7,
  Describe: 8,
  DescribeConfigs: 10,
  AlterConfigs: 11,
  IdempotentWrite: 12,
}
/** For each operation, the operations whose permission implies it. */
const implied: Readonly<Record<string, readonly Operation[]>> = {
  Describe: ['Read', 'Write', 'Alter'],
  DescribeConfigs: ['AlterConfigs'],
}
const NOT_REPORTED = -2147483648
const TOPIC_RESOURCE = 2
const LIMIT_MS = 15_000
const TOPICS_PER_REQUEST = 500

interface Coded {
  errorCode: number
}
type Codes = Map<string, number>
/** Sends one test request for topics that do not exist or are not visible, without changing anything: error codes by topic. */
type Probe = (cluster: Cluster, topics: readonly string[]) => Promise<Codes>

const probes: Readonly<Partial<Record<Operation, Probe>>> = {
  Read: async (cluster, topics) => {
    const asked = topics.map((name) => ({ name, partitionIndexes: [0] }))
    const { topics: answers } = await cluster.callAny<{ topics: { name: string; partitions: Coded[] }[] }>(
      'describeProducers',
      [asked],
    )
    return new Map(answers.map(({ name, partitions }) => [name, partitions[0]?.errorCode ?? 0]))
  },
  Write: produceProbe,
  Create: async (cluster, topics) => {
    const specs = topics.map((name) => ({
      name,
      numPartitions: 1,
      replicationFactor: -1,
      assignments: [],
      configs: [],
    }))
    return byName(await cluster.callController<Named>('createTopics', [specs, LIMIT_MS, true], { lane: 'change' }))
  },
  Alter: async (cluster, topics) => {
    const specs = topics.map((name) => ({ name, count: 1, assignments: null }))
    const options = { lane: 'change' } as const
    const { results } = await cluster.callController<{ results: (Coded & { name: string })[] }>(
      'createPartitions',
      [specs, LIMIT_MS, true],
      options,
    )
    return byName({ topics: results })
  },
  AlterConfigs: async (cluster, topics) => {
    const resources = topics.map((resourceName) => ({ resourceType: TOPIC_RESOURCE, resourceName, configs: [] }))
    const options = { lane: 'change' } as const
    const { responses } = await cluster.callController<{ responses: Resource[] }>(
      'incrementalAlterConfigs',
      [resources, true],
      options,
    )
    return new Map(responses.map(({ resourceName, errorCode }) => [resourceName, errorCode]))
  },
  DescribeConfigs: async (cluster, topics) => {
    const resources = topics.map((resourceName) => ({
      resourceType: TOPIC_RESOURCE,
      resourceName,
      configurationKeys: ['cleanup.policy'],
    }))
    const { results } = await cluster.callAny<{ results: Resource[] }>('describeConfigs', [resources, false, false])
    return new Map(results.map(({ resourceName, errorCode }) => [resourceName, errorCode]))
  },
}

type Resource = Coded & { resourceName: string }
interface Named {
  topics: (Coded & { name: string })[]
}
const byName = ({ topics }: Named): Codes => new Map(topics.map(({ name, errorCode }) => [name, errorCode]))

/** Whether the user may perform each operation on each of these topics, existing or not. @throws Failure if no broker responds */
export async function topicPermissions(
  cluster: Cluster,
  topics: readonly string[],
  operations: readonly Operation[],
): Promise<Map<string, ReadonlyMap<Operation, PermissionState>>> {
  const found = new Map<string, Map<Operation, PermissionState>>()
  for (let i = 0; i < topics.length; i += TOPICS_PER_REQUEST) {
    const part = topics.slice(i, i + TOPICS_PER_REQUEST)
    const reported = await reportedPermissions(cluster, part)
    for (const name of part) found.set(name, fromBits(reported.get(name)?.bits, operations))
    const rest = part.filter((name) => reported.get(name)?.bits === undefined)
    for (const operation of operations) {
      for (const [name, verdict] of await probed(cluster, operation, rest, reported))
        found.get(name)?.set(operation, verdict)
    }
  }
  return found
}

interface Reported {
  readonly error: number
  /** undefined if the broker does not return it, as for topics that do not exist */
  readonly bits: number | undefined
}

async function reportedPermissions(cluster: Cluster, topics: readonly string[]): Promise<Map<string, Reported>> {
  const answer = await cluster.callAny<{
    topics: { name: string; errorCode: number; topicAuthorizedOperations: number }[]
  }>('metadata', [[...topics], false, true, false])
  return new Map(
    answer.topics.map(({ name, errorCode: error, topicAuthorizedOperations: bits }) => [
      name,
      {
        error,
        bits:
          error === errorCodes.UNKNOWN_TOPIC_OR_PARTITION ||
          error === errorCodes.TOPIC_AUTHORIZATION_FAILED ||
          bits === NOT_REPORTED
            ? undefined
            : bits,
      },
    ]),
  )
}

async function probed(
  cluster: Cluster,
  operation: Operation,
  topics: readonly string[],
  reported: ReadonlyMap<string, Reported>,
): Promise<Map<string, PermissionState>> {
  const isHidden = (name: string) => reported.get(name)?.error === errorCodes.TOPIC_AUTHORIZATION_FAILED
  // Without Describe, the user has none of the operations that imply it.
  const settled = (name: string) =>
    operation === 'Describe' || (isHidden(name) && implied['Describe']?.includes(operation))
  const found = new Map<string, PermissionState>()
  for (const name of topics) if (settled(name)) found.set(name, isHidden(name) ? 'denied' : 'allowed')
  // Write on an existing topic cannot be tested without writing, if the broker is too old to report it.
  const left = topics.filter((name) => !found.has(name) && (reported.get(name)?.error !== 0 || operation !== 'Write'))
  const probe = probes[operation]
  if (left.length === 0 || !probe) return found
  const answers = await probe(cluster, left).catch(expectedFailure)
  for (const name of left)
    found.set(
      name,
      answers instanceof Failure ? answers : verdictOf(answers.get(name), errorCodes.TOPIC_AUTHORIZATION_FAILED),
    )
  return found
}

/** Whether the user has Describe and Read on each of these groups, which need not exist. @throws Failure if no broker responds */
export async function groupPermissions(
  cluster: Cluster,
  groups: readonly string[],
): Promise<Map<string, ReadonlyMap<Operation, PermissionState>>> {
  const found = new Map<string, Map<Operation, PermissionState>>(groups.map((group) => [group, new Map()]))
  if (groups.length === 0) return found
  // Every broker checks permissions before it checks whether it is the coordinator, so the coordinator need not be found.
  const described = await cluster.callAny<{ groups: (Coded & { groupId: string })[] }>('describeGroups', [
    groups,
    false,
  ])
  for (const { groupId, errorCode } of described.groups)
    found.get(groupId)?.set('Describe', verdictOf(errorCode, errorCodes.GROUP_AUTHORIZATION_FAILED))
  for (const group of groups) {
    // A heartbeat of an unknown member: it changes nothing.
    const { errorCode } = await cluster.callAny<Coded>('heartbeat', [group, -1, 'godwit-check', null])
    found.get(group)?.set('Read', verdictOf(errorCode, errorCodes.GROUP_AUTHORIZATION_FAILED))
  }
  return found
}

/** Whether the user may perform these operations on the cluster itself. @throws Failure if no broker responds */
export async function clusterPermissions(
  cluster: Cluster,
  operations: readonly Operation[],
): Promise<ReadonlyMap<Operation, PermissionState>> {
  try {
    const answer = await cluster.callAny<{ clusterAuthorizedOperations: number }>('describeCluster', [true, 1])
    return clusterVerdicts(cluster.alias, answer.clusterAuthorizedOperations, operations)
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'UNSUPPORTED_VERSION') throw error
    return describeOnly(cluster, operations, error)
  }
}

/** The broker returns no operations at all to a user without Describe. */
function clusterVerdicts(
  cluster: string,
  bits: number,
  operations: readonly Operation[],
): Map<Operation, PermissionState> {
  if (bits !== 0) return fromBits(bits, operations)
  const unknown = failureOfCode(errorCodes.CLUSTER_AUTHORIZATION_FAILED, { cluster, right: 'Describe' })
  const withDescribe = ['Describe', ...(implied['Describe'] ?? [])]
  return new Map(operations.map((one) => [one, withDescribe.includes(one) ? 'denied' : unknown]))
}

/** Before Kafka 2.8: DescribeAcls succeeds if the user has Describe. */
async function describeOnly(
  cluster: Cluster,
  operations: readonly Operation[],
  unknown: Failure,
): Promise<Map<Operation, PermissionState>> {
  const filter = { resourceType: TOPIC_RESOURCE, resourceName: 'godwit-check', resourcePatternType: 3 }
  const any = { principal: null, host: null, operation: 1, permissionType: 1 }
  const { errorCode } = await cluster.callAny<Coded>('describeAcls', [{ ...filter, ...any }])
  const describe = verdictOf(errorCode, errorCodes.CLUSTER_AUTHORIZATION_FAILED)
  return new Map(
    operations.map((one) => [
      one,
      one === 'Describe' || errorCode === errorCodes.SECURITY_DISABLED ? describe : unknown,
    ]),
  )
}

function fromBits(bits: number | undefined, operations: readonly Operation[]): Map<Operation, PermissionState> {
  if (bits === undefined) return new Map()
  return new Map(operations.map((one) => [one, (bits & (1 << codes[one])) !== 0 ? 'allowed' : 'denied']))
}

function verdictOf(code: number | undefined, denied: number): PermissionState {
  return code === denied ? 'denied' : 'allowed'
}
