// Changes that operators make to clusters while godwit runs, made with Kafka's admin client. Each call starts a JVM (about a
// second), so combine several steps in one call.
import { askJava, type Reach } from './java-json.ts'

export interface NewTopic {
  readonly name: string
  /** default: 1 */
  readonly partitions?: number
  readonly replication?: number
  readonly configs?: Readonly<Record<string, string>>
}

export type ResourceKind = 'TOPIC' | 'GROUP' | 'CLUSTER' | 'TRANSACTIONAL_ID'
export type AclOperation =
  | 'ALL'
  | 'READ'
  | 'WRITE'
  | 'CREATE'
  | 'DELETE'
  | 'ALTER'
  | 'DESCRIBE'
  | 'ALTER_CONFIGS'
  | 'DESCRIBE_CONFIGS'
  | 'CLUSTER_ACTION'
  | 'IDEMPOTENT_WRITE'

/** A permission for one user. The resource name of the cluster is 'kafka-cluster'. */
export interface Permission {
  readonly user: string
  readonly operations: readonly AclOperation[]
  readonly type: ResourceKind
  readonly name: string
  /** default: LITERAL */
  readonly pattern?: 'LITERAL' | 'PREFIXED'
  /** default: ALLOW */
  readonly permission?: 'ALLOW' | 'DENY'
}

export interface GroupOffset {
  readonly topic: string
  readonly partition: number
  readonly offset: number
}

export type Step =
  | { readonly do: 'createTopics'; readonly topics: readonly NewTopic[] }
  | { readonly do: 'deleteTopics'; readonly topics: readonly string[] }
  | { readonly do: 'addPartitions'; readonly topic: string /** afterwards */; readonly count: number }
  | {
      readonly do: 'configure'
      readonly type?: 'TOPIC' | 'BROKER'
      readonly name: string
      /** null: reset to the default */
      readonly configs: Readonly<Record<string, string | null>>
    }
  | { readonly do: 'deleteRecords'; readonly topic: string; readonly partition: number; readonly before: number }
  | { readonly do: 'moveLeader'; readonly topic: string; readonly partition: number; readonly broker: number }
  | ({ readonly do: 'permit' } & Permission)
  /** removes a permission */
  | ({ readonly do: 'forbid' } & Permission)
  | { readonly do: 'addUser'; readonly user: string; readonly mechanism: string; readonly password: string }
  | { readonly do: 'commitOffsets'; readonly group: string; readonly offsets: readonly GroupOffset[] }

export interface TopicDescription {
  readonly name: string
  readonly id: string
  /** set on the topic itself */
  readonly configs: Readonly<Record<string, string>>
  readonly partitions: readonly {
    readonly partition: number
    /** -1 if there is none */
    readonly leader: number
    readonly replicas: readonly number[]
    readonly isr: readonly number[]
  }[]
}

export interface LogOffsets {
  readonly topic: string
  readonly partition: number
  readonly start: number
  readonly end: number
}

/** Executes the steps one after the other. @throws Error with the broker's reason */
export async function operate(cluster: Reach, steps: readonly Step[]): Promise<void> {
  await ask(cluster, steps)
}

/** Creates topics. Resolves when every partition has a leader. @throws Error with the broker's reason */
export function createTopics(cluster: Reach, ...topics: readonly NewTopic[]): Promise<void> {
  return operate(cluster, [{ do: 'createTopics', topics }])
}

/**
 * Makes a broker the leader of a partition, with a new replica if it has none. Resolves when it leads.
 * @throws Error with the broker's reason
 */
export function moveLeader(cluster: Reach, topic: string, partition: number, broker: number): Promise<void> {
  return operate(cluster, [{ do: 'moveLeader', topic, partition, broker }])
}

/** Partitions and configs of the topics that exist. @throws Error with the broker's reason */
export async function describeTopics(cluster: Reach, topics: readonly string[]): Promise<TopicDescription[]> {
  return (await ask<TopicDescription[]>(cluster, [{ do: 'describe', topics }])).flat()
}

/** Log start and end offsets of all partitions. @throws Error if a topic does not exist */
export async function logOffsets(cluster: Reach, topics: readonly string[]): Promise<LogOffsets[]> {
  return (await ask<LogOffsets[]>(cluster, [{ do: 'offsets', topics }])).flat()
}

/** Every ACL as a line, sorted: `TOPIC LITERAL orders ALLOW READ User:alice *`. @throws Error with the broker's reason */
export async function listAcls(cluster: Reach): Promise<string[]> {
  return (await ask<string[]>(cluster, [{ do: 'acls' }])).flat()
}

/**
 * The group's committed offsets, sorted by topic and partition; empty if the group does not exist.
 * @throws Error with the broker's reason
 */
export async function groupOffsets(cluster: Reach, group: string): Promise<GroupOffset[]> {
  return (await ask<GroupOffset[]>(cluster, [{ do: 'groupOffsets', group }])).flat()
}

function ask<Answer>(cluster: Reach, steps: readonly object[]): Promise<Answer[]> {
  return askJava<Answer>('Operate.java', cluster, { steps }, { heapMb: 96 })
}
