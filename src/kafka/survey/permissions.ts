// What the user of a connection may do, asked of the brokers themselves and without changing anything. Of things that exist they tell
// it (KIP-430); of what is not there yet it shows in how a request is refused: a broker looks at permissions first.
import { expectedFailure, Failure } from '../../base/failure.ts'
import type { Cluster } from '../cluster.ts'
import { errorCodes, failureOfCode } from '../wire-errors.ts'
import { produceProbe } from './produce-probe.ts'

/** In Kafka's own words. */
export type Operation =
  | 'Read'
  | 'Write'
  | 'Create'
  | 'Alter'
  | 'Describe'
  | 'DescribeConfigs'
  | 'AlterConfigs'
  | 'IdempotentWrite'

/** A Failure where it could not be found out. */
export type Verdict = 'allowed' | 'denied' | Failure

/** Bits of authorized operations: AclOperation's codes. */
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
/** The operations that a permission brings along. */
const implied: Readonly<Record<string, readonly Operation[]>> = {
  Describe: ['Read', 'Write', 'Alter'],
  DescribeConfigs: ['AlterConfigs'],
}
const NOT_TOLD = -2147483648
const TOPIC_RESOURCE = 2
const LIMIT_MS = 15_000
const TOPICS_PER_REQUEST = 500

interface Coded {
  errorCode: number
}
type Codes = Map<string, number>
/** One request about topics that are not there (or not visible), changing nothing: error code by name. */
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

/** What the user may do with each of these topics, existing or not: operation by operation. @throws Failure when no broker answers */
export async function topicPermissions(
  cluster: Cluster,
  topics: readonly string[],
  operations: readonly Operation[],
): Promise<Map<string, ReadonlyMap<Operation, Verdict>>> {
  const found = new Map<string, Map<Operation, Verdict>>()
  for (let i = 0; i < topics.length; i += TOPICS_PER_REQUEST) {
    const part = topics.slice(i, i + TOPICS_PER_REQUEST)
    const told = await toldOfTopics(cluster, part)
    for (const name of part) found.set(name, fromBits(told.get(name)?.bits, operations))
    const rest = part.filter((name) => told.get(name)?.bits === undefined)
    for (const operation of operations) {
      for (const [name, verdict] of await probed(cluster, operation, rest, told))
        found.get(name)?.set(operation, verdict)
    }
  }
  return found
}

interface Told {
  readonly error: number
  /** undefined where the broker does not tell, as of topics that are not there */
  readonly bits: number | undefined
}

async function toldOfTopics(cluster: Cluster, topics: readonly string[]): Promise<Map<string, Told>> {
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
          bits === NOT_TOLD
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
  told: ReadonlyMap<string, Told>,
): Promise<Map<string, Verdict>> {
  const isHidden = (name: string) => told.get(name)?.error === errorCodes.TOPIC_AUTHORIZATION_FAILED
  // Without Describe nobody has what brings Describe along.
  const settled = (name: string) =>
    operation === 'Describe' || (isHidden(name) && implied['Describe']?.includes(operation))
  const found = new Map<string, Verdict>()
  for (const name of topics) if (settled(name)) found.set(name, isHidden(name) ? 'denied' : 'allowed')
  // Of a topic that exists, on a broker too old to tell, Write cannot be asked for without writing.
  const left = topics.filter((name) => !found.has(name) && (told.get(name)?.error !== 0 || operation !== 'Write'))
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

/** Whether the user has Describe and Read on each of these groups, which need not exist. @throws Failure when no broker answers */
export async function groupPermissions(
  cluster: Cluster,
  groups: readonly string[],
): Promise<Map<string, ReadonlyMap<Operation, Verdict>>> {
  const found = new Map<string, Map<Operation, Verdict>>(groups.map((group) => [group, new Map()]))
  if (groups.length === 0) return found
  // Any broker looks at permissions before it finds that it is not the coordinator; so none has to be found (or made).
  const described = await cluster.callAny<{ groups: (Coded & { groupId: string })[] }>('describeGroups', [
    groups,
    false,
  ])
  for (const { groupId, errorCode } of described.groups)
    found.get(groupId)?.set('Describe', verdictOf(errorCode, errorCodes.GROUP_AUTHORIZATION_FAILED))
  for (const group of groups) {
    // A sign of life of a member that nobody knows.
    const { errorCode } = await cluster.callAny<Coded>('heartbeat', [group, -1, 'godwit-check', null])
    found.get(group)?.set('Read', verdictOf(errorCode, errorCodes.GROUP_AUTHORIZATION_FAILED))
  }
  return found
}

/** What the user may do with the cluster itself. @throws Failure when no broker answers */
export async function clusterPermissions(
  cluster: Cluster,
  operations: readonly Operation[],
): Promise<ReadonlyMap<Operation, Verdict>> {
  try {
    const answer = await cluster.callAny<{ clusterAuthorizedOperations: number }>('describeCluster', [true, 1])
    return clusterVerdicts(cluster.alias, answer.clusterAuthorizedOperations, operations)
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'UNSUPPORTED_VERSION') throw error
    return describeOnly(cluster, operations, error)
  }
}

/** A user without Describe is told nothing at all. */
function clusterVerdicts(cluster: string, bits: number, operations: readonly Operation[]): Map<Operation, Verdict> {
  if (bits !== 0) return fromBits(bits, operations)
  const untold = failureOfCode(errorCodes.CLUSTER_AUTHORIZATION_FAILED, { cluster, right: 'Describe' })
  const withDescribe = ['Describe', ...(implied['Describe'] ?? [])]
  return new Map(operations.map((one) => [one, withDescribe.includes(one) ? 'denied' : untold]))
}

/** Before Kafka 2.8: whether the ACLs may be seen shows whether there is Describe. */
async function describeOnly(
  cluster: Cluster,
  operations: readonly Operation[],
  untold: Failure,
): Promise<Map<Operation, Verdict>> {
  const filter = { resourceType: TOPIC_RESOURCE, resourceName: 'godwit-check', resourcePatternType: 3 }
  const any = { principal: null, host: null, operation: 1, permissionType: 1 }
  const { errorCode } = await cluster.callAny<Coded>('describeAcls', [{ ...filter, ...any }])
  const describe = verdictOf(errorCode, errorCodes.CLUSTER_AUTHORIZATION_FAILED)
  return new Map(
    operations.map((one) => [
      one,
      one === 'Describe' || errorCode === errorCodes.SECURITY_DISABLED ? describe : untold,
    ]),
  )
}

function fromBits(bits: number | undefined, operations: readonly Operation[]): Map<Operation, Verdict> {
  if (bits === undefined) return new Map()
  return new Map(operations.map((one) => [one, (bits & (1 << codes[one])) !== 0 ? 'allowed' : 'denied']))
}

function verdictOf(code: number | undefined, denied: number): Verdict {
  return code === denied ? 'denied' : 'allowed'
}
