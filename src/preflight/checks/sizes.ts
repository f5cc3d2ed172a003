// How large batches may be, and whether there is room for everything on the target's disks.

import { counted } from '../../base/counted.ts'
import { factorFor } from '../../model/flow-settings.ts'
import type { TopicPair } from '../facts/flow-basis.ts'
import type { FlowFacts } from '../facts/flow-facts.ts'
import type { VolumeFacts } from '../facts/inventory.ts'
import type { Finding } from '../finding.ts'
import { advice, lengthened } from '../remedies/commands.ts'
import { configRemedy, sourceValue, targetValue } from '../rules/target-configs.ts'
import { shownBytes } from './formatting.ts'

/** Fuller than this part of what is usable is warned of. */
const MUCH = 0.8

export function messageSizes(facts: FlowFacts): Finding[] {
  return facts.pairs.flatMap((pair) => {
    const [source, target] = (['max.message.bytes', 'max.message.bytes'] as const).map((name, i) =>
      Number((i === 0 ? sourceValue(pair, name) : targetValue(pair, name, facts)) ?? Number.NaN),
    )
    if (source === undefined || target === undefined || !(source > target)) return []
    return [
      {
        code: 'max-message-bytes',
        check: 'max-message-bytes',
        severity: 'error',
        cluster: facts.target.alias,
        topic: pair.targetName,
        what: `${pair.targetName} takes batches of ${counted(target, 'byte')}, its source of ${source} (max.message.bytes)`,
        why: 'a record that is larger than the target takes stops its partition; how large the largest is shows only when it is read',
        remedies: configRemedy(pair, 'max.message.bytes', String(source), facts),
      } satisfies Finding,
    ]
  })
}

export function disks(facts: FlowFacts): Finding[] {
  const { target, pairs, source, settings } = facts
  const volumes = target.inventory?.disks?.volumes ?? []
  const broken = volumes
    .filter(({ trouble }) => trouble !== '')
    .map(
      ({ broker, path, trouble }): Finding => ({
        code: 'disk-broken',
        check: 'disk',
        severity: 'error',
        cluster: target.alias,
        what: `broker ${broker} cannot use ${path}: ${trouble}`,
        why: 'partitions that lie there cannot be written',
        remedies: [advice('look at the log of the broker, and at the disk')],
      }),
    )
  const usable = [...byDisk(volumes).values()].map(({ usableBytes }) => usableBytes)
  if (!source.inventory?.disks || usable.length === 0 || usable.some((bytes) => bytes < 0)) return broken
  const replicas = Math.max(1, factorFor(settings, target.inventory?.brokers.length ?? 0))
  const wanted = pairs.map((pair) => ({ pair, bytes: missingBytes(pair) }))
  const need = wanted.reduce((sum, { bytes }) => sum + bytes, 0) * replicas
  const room = usable.reduce((sum, bytes) => sum + bytes, 0)
  if (need <= room * MUCH) return broken
  const [largest] = wanted.toSorted((a, b) => b.bytes - a.bytes)
  return [
    ...broken,
    {
      code: 'disk-full',
      check: 'disk',
      severity: need > room ? 'error' : 'warning',
      cluster: target.alias,
      what: `${shownBytes(need)} are to come (with ${counted(replicas, 'replica')}), and ${shownBytes(room)} are usable on the disks of cluster ${target.alias}`,
      why: 'a broker whose disk is full goes down; all its partitions with it',
      remedies: [
        advice('give the brokers more room, or set retention on the source to what is needed'),
        ...(largest && largest.bytes > 0
          ? [lengthened(facts.lists, settings.name, 'topics.exclude', [largest.pair.topic.name])]
          : []),
      ],
    },
  ]
}

/** Folders of a broker that tell the same of their volume to the byte lie on the same one. */
function byDisk(volumes: readonly VolumeFacts[]): Map<string, VolumeFacts> {
  return new Map(volumes.map((one) => [`${one.broker} ${one.totalBytes} ${one.usableBytes}`, one]))
}

/** What the source holds of a topic and the target does not. */
function missingBytes({ topic, there }: TopicPair): number {
  const sum = (one: TopicPair['there']) => (one?.partitions ?? []).reduce((all, { bytes = 0 }) => all + bytes, 0)
  return Math.max(0, sum(topic) - sum(there))
}
