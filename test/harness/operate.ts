// What operators do to clusters while godwit runs, done by Kafka's own admin client. Each call starts a JVM (about a second):
// put steps that belong together into one call.
import { askJava, type Reach } from './java-json.ts'

export interface NewTopic {
  readonly name: string
  /** 1 when absent */
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

/** A permission for one user. The name of the cluster is 'kafka-cluster'. */
export interface Permission {
  readonly user: string
  readonly operations: readonly AclOperation[]
  readonly type: ResourceKind
  readonly name: string
  /** LITERAL when absent */
  readonly pattern?: 'LITERAL' | 'PREFIXED'
  /** ALLOW when absent */
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
      /** null: back to the default */
      readonly configs: Readonly<Record<string, string | null>>
    }
  | { readonly do: 'deleteRecords'; readonly topic: string; readonly partition: number; readonly before: number }
  | { readonly do: 'moveLeader'; readonly topic: string; readonly partition: number; readonly broker: number }
  | ({ readonly do: 'permit' } & Permission)
  /** takes a permission back */
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
    /** -1 without one */
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

/** Does these steps, each when the one before is done. @throws Error with the broker's reason */
export async function operate(cluster: Reach, steps: readonly Step[]): Promise<void> {
  await ask(cluster, steps)
}

/** Creates topics; resolves when every partition has a leader. @throws Error with the reason of the broker */
export function createTopics(cluster: Reach, ...topics: readonly NewTopic[]): Promise<void> {
  return operate(cluster, [{ do: 'createTopics', topics }])
}

/** Makes a broker the leader of a partition; resolves when it is. It gets a replica if it had none. @throws Error with the reason of the broker */
export function moveLeader(cluster: Reach, topic: string, partition: number, broker: number): Promise<void> {
  return operate(cluster, [{ do: 'moveLeader', topic, partition, broker }])
}

/** Partitions and configs of those of the topics that exist. @throws Error with the reason of the broker */
export async function describeTopics(cluster: Reach, topics: readonly string[]): Promise<TopicDescription[]> {
  return (await ask<TopicDescription[]>(cluster, [{ do: 'describe', topics }])).flat()
}

/** Log start and end offsets of all partitions. @throws Error when a topic does not exist */
export async function logOffsets(cluster: Reach, topics: readonly string[]): Promise<LogOffsets[]> {
  return (await ask<LogOffsets[]>(cluster, [{ do: 'offsets', topics }])).flat()
}

/** Every ACL as a line, in order: `TOPIC LITERAL orders ALLOW READ User:alice *`. @throws Error with the reason of the broker */
export async function listAcls(cluster: Reach): Promise<string[]> {
  return (await ask<string[]>(cluster, [{ do: 'acls' }])).flat()
}

/** What the group has committed, in order of topic and partition; empty where it does not exist. @throws Error with the reason of the broker */
export async function groupOffsets(cluster: Reach, group: string): Promise<GroupOffset[]> {
  return (await ask<GroupOffset[]>(cluster, [{ do: 'groupOffsets', group }])).flat()
}

function ask<Answer>(cluster: Reach, steps: readonly object[]): Promise<Answer[]> {
  return askJava<Answer>('Operate.java', cluster, { steps }, { heapMb: 96 })
}
