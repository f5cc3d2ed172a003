// The mm2.properties of a round: the same file for godwit and for the real MirrorMaker 2.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Assignment } from './contestant.ts'

/** Settings of an experienced operator so that MM2 copies a backlog fast; `linger.ms` increases its latency. */
const tuning = {
  'source.consumer.fetch.max.bytes': 50 * 1024 * 1024,
  'source.consumer.max.partition.fetch.bytes': 4 * 1024 * 1024,
  'source.consumer.max.poll.records': 5000,
  'source.consumer.fetch.min.bytes': 256 * 1024,
  'source.consumer.fetch.max.wait.ms': 500,
  'source.consumer.receive.buffer.bytes': 1024 * 1024,
  'source.consumer.check.crcs': false,
  'dst.producer.batch.size': 512 * 1024,
  'dst.producer.linger.ms': 100,
  'dst.producer.buffer.memory': 64 * 1024 * 1024,
  'dst.producer.max.request.size': 25 * 1024 * 1024,
  'dst.producer.send.buffer.bytes': 1024 * 1024,
  'dst.producer.acks': 'all',
  'offset.flush.timeout.ms': 30_000,
}

export const tunedTasks = 2
export const defaultTasks = 8

/** Writes the file and returns its path. Replication factors are 1, because each cluster has one broker. */
export async function writeMm2File(assignment: Assignment, extra: Readonly<Record<string, string | number | boolean>>) {
  const { alias, source, target, topics } = assignment
  const lines: Record<string, string | number | boolean> = {
    clusters: `${alias}, dst`,
    [`${alias}.bootstrap.servers`]: source,
    'dst.bootstrap.servers': target,
    [`${alias}->dst.enabled`]: true,
    [`${alias}->dst.topics`]: [...topics.keys()].join(', '),
    [`dst->${alias}.enabled`]: false,
    'replication.factor': 1,
    'checkpoints.topic.replication.factor': 1,
    'heartbeats.topic.replication.factor': 1,
    'offset-syncs.topic.replication.factor': 1,
    'offset.storage.replication.factor': 1,
    'status.storage.replication.factor': 1,
    'config.storage.replication.factor': 1,
    ...extra,
  }
  const file = join(assignment.folder, 'mm2.properties')
  const text = Object.entries(lines).map(([key, value]) => `${key} = ${value}\n`)
  await writeFile(file, text.join(''))
  return file
}

/** The tuning as keys of the file; client settings have the alias of their cluster as a prefix. */
export function tuned(assignment: Assignment): Record<string, string | number | boolean> {
  const keys = Object.entries(tuning).map(([key, value]) => [key.replace(/^source\./, `${assignment.alias}.`), value])
  return { ...Object.fromEntries(keys), ...codec(assignment), 'tasks.max': tunedTasks }
}

/** Rivals decode batches, so they are configured to compress with the codec of the source. */
export function codec(assignment: Assignment): Record<string, string> {
  return { 'dst.producer.compression.type': assignment.workload.codec }
}
