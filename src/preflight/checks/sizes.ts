// How large batches may be, and whether there is room for everything on the target's disks.
import { counted } from '../../base/counted.ts'
import { factorFor } from '../../model/flow-settings.ts'
import type { PlannedPair } from '../facts/flow-basis.ts'
import type { FlowFacts, Side } from '../facts/flow-facts.ts'
import type { VolumeFacts } from '../facts/inventory.ts'
import type { Finding, Remedy } from '../finding.ts'
import { advice, lengthened } from '../remedies/commands.ts'
import { configRemedy, sourceValue, targetValue } from '../rules/target-configs.ts'
import { shownBytes } from './formatting.ts'

/** A target that the copies fill beyond this part of what is usable is a warning. */
const MUCH = 0.8

/** Target topics that take smaller batches than their sources. */
export function messageSizes(facts: FlowFacts): Finding[] {
  return facts.pairs.flatMap((pair) => {
    const source = Number(sourceValue(pair, 'max.message.bytes') ?? Number.NaN)
    const target = Number(targetValue(pair, 'max.message.bytes', facts) ?? Number.NaN)
    if (!(source > target)) return []
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

/** Log folders of the target that are broken, and whether all copies have room. */
export function disks(facts: FlowFacts): Finding[] {
  return [...brokenFolders(facts.target), ...tooLittleRoom(facts)]
}

function brokenFolders({ alias, inventory }: Side): Finding[] {
  const broken = (inventory?.disks?.volumes ?? []).filter(({ problem }) => problem !== '')
  return broken.map(({ broker, path, problem }) => ({
    code: 'disk-broken',
    check: 'disk',
    severity: 'error',
    cluster: alias,
    what: `broker ${broker} cannot use ${path}: ${problem}`,
    why: 'partitions that lie there cannot be written',
    remedies: [advice('look at the log of the broker, and at the disk')],
  }))
}

function tooLittleRoom(facts: FlowFacts): Finding[] {
  const { target, pairs, source, settings } = facts
  const usable = [...byDisk(target.inventory?.disks?.volumes ?? []).values()].map(({ usableBytes }) => usableBytes)
  if (!source.inventory?.disks || usable.length === 0 || usable.some((bytes) => bytes < 0)) return []
  const replicas = Math.max(1, factorFor(settings, target.inventory?.brokers.length ?? 0))
  const need = pairs.reduce((sum, pair) => sum + missingBytes(pair), 0) * replicas
  const room = usable.reduce((sum, bytes) => sum + bytes, 0)
  if (need <= room * MUCH) return []
  const finding: Finding = {
    code: 'disk-full',
    check: 'disk',
    severity: need > room ? 'error' : 'warning',
    cluster: target.alias,
    what: `${shownBytes(need)} are to come (with ${counted(replicas, 'replica')}), and ${shownBytes(room)} are usable on the disks of cluster ${target.alias}`,
    why: 'a broker whose disk is full goes down; all its partitions with it',
    remedies: [
      advice('give the brokers more room, or set retention on the source to what is needed'),
      ...withoutLargest(facts),
    ],
  }
  return [finding]
}

/** The line that excludes the topic that needs the most room. */
function withoutLargest({ pairs, lists, settings }: FlowFacts): Remedy[] {
  const [largest] = pairs.toSorted((a, b) => missingBytes(b) - missingBytes(a))
  if (!largest || missingBytes(largest) === 0) return []
  return [lengthened(lists, settings.name, 'topics.exclude', [largest.topic.name])]
}

/** One folder of each volume: folders of a broker whose volumes have the same size and room, to the byte, are taken for one volume. */
function byDisk(volumes: readonly VolumeFacts[]): Map<string, VolumeFacts> {
  return new Map(volumes.map((one) => [`${one.broker} ${one.totalBytes} ${one.usableBytes}`, one]))
}

/** What the source holds of a topic and the target does not. */
function missingBytes({ topic, there }: PlannedPair): number {
  const sum = (one: PlannedPair['there']) => (one?.partitions ?? []).reduce((all, { bytes = 0 }) => all + bytes, 0)
  return Math.max(0, sum(topic) - sum(there))
}
