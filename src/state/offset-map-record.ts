// The bytes of one block of an offset map: consecutive entries of one source partition. JSON, one version, parsed strictly. A misread
// map would send a group to the wrong record; missing entries are found again by comparing both logs.
import type { MapEntry } from '../mirror/offset-map.ts'

export interface MapBlockKey {
  readonly topic: string
  readonly partition: number
  /** source offset of the block's first entry */
  readonly first: number
}

export interface MapBlock {
  /** uuid texts; empty where a cluster has no topic ids */
  readonly sourceTopicId: string
  readonly targetTopicId: string
  /** nothing was copied before the first entry of the first block */
  readonly isComplete: boolean
  readonly entries: readonly MapEntry[]
}

const currentVersion = 1

const isOffset = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0

/** Key bytes: `["orders",3,1000]`. */
export function encodeMapBlockKey({ topic, partition, first }: MapBlockKey): Buffer {
  return Buffer.from(JSON.stringify([topic, partition, first]))
}

/** Value bytes: each entry as its distance from the previous one, source and target alternating, and the indexes of unknown entries. */
export function encodeMapBlock({ entries, ...rest }: MapBlock): Buffer {
  const steps: number[] = []
  const unknown: number[] = []
  let [up, down] = [0, 0]
  for (const [index, entry] of entries.entries()) {
    steps.push(entry.upstream - up, entry.downstream - down)
    if (entry.unknown) unknown.push(index)
    up = entry.upstream
    down = entry.downstream
  }
  return Buffer.from(JSON.stringify({ version: currentVersion, ...rest, steps, unknown }))
}

/** Undefined for anything that `encodeMapBlockKey` would not write. Never throws. */
export function parseMapBlockKey(bytes: Buffer | null): MapBlockKey | undefined {
  const key = parsed(bytes)
  if (!Array.isArray(key) || key.length !== 3) return undefined
  const [topic, partition, first] = key as unknown[]
  return typeof topic === 'string' && isOffset(partition) && isOffset(first) ? { topic, partition, first } : undefined
}

/** Undefined for anything but a block of this version with its entries in order. Never throws. */
export function parseMapBlock(bytes: Buffer): MapBlock | undefined {
  const value = parsed(bytes)
  if (typeof value !== 'object' || value === null) return undefined
  const { version, sourceTopicId, targetTopicId, isComplete, steps, unknown } = value as Record<string, unknown>
  if (version !== currentVersion || typeof sourceTopicId !== 'string' || typeof targetTopicId !== 'string') {
    return undefined
  }
  if (typeof isComplete !== 'boolean' || !Array.isArray(steps) || !Array.isArray(unknown)) return undefined
  const entries = entriesOf(steps as unknown[], new Set(unknown as unknown[]))
  return entries && { sourceTopicId, targetTopicId, isComplete, entries }
}

function entriesOf(steps: readonly unknown[], unknown: ReadonlySet<unknown>): MapEntry[] | undefined {
  if (steps.length === 0 || steps.length % 2 === 1 || !steps.every(isOffset)) return undefined
  const entries: MapEntry[] = []
  let [upstream, downstream] = [0, 0]
  for (let i = 0; i < steps.length; i += 2) {
    upstream += Number(steps[i])
    downstream += Number(steps[i + 1])
    entries.push({ upstream, downstream, unknown: unknown.has(i / 2) })
  }
  return entries
}

/**
 * The cluster ids and producer ids of a flow: one more record in its offset map topic, which earlier versions ignore. Aliases are only
 * names in a file; cluster ids identify another flow, or the same flow under another alias.
 */
export interface FlowRecord {
  /** aliases */
  readonly source: string
  readonly target: string
  readonly sourceClusterId: string
  readonly targetClusterId: string
  /** whether target topics have the names of the source topics */
  readonly keepsNames: boolean
  /** producer ids that it has written with, decimal */
  readonly producerIds: readonly string[]
}

const flowKey = Buffer.from('["flow"]')
/** How many producer ids are kept; a flow has one, unless its state was deleted. */
const MOST_IDS = 16

/** Key bytes of the flow record. */
export const flowRecordKey = (): Buffer => Buffer.from(flowKey)

/** Whether key bytes are those of the flow record. */
export function isFlowRecordKey(bytes: Buffer | null): boolean {
  return bytes?.equals(flowKey) ?? false
}

/** Value bytes of the flow record, with the newest producer ids. */
export function encodeFlowRecord(record: FlowRecord): Buffer {
  return Buffer.from(
    JSON.stringify({ version: currentVersion, ...record, producerIds: record.producerIds.slice(-MOST_IDS) }),
  )
}

/** Undefined for anything but a record of version 1; members added by later versions are ignored. Never throws. */
export function parseFlowRecord(bytes: Buffer): FlowRecord | undefined {
  const value = parsed(bytes)
  if (typeof value !== 'object' || value === null) return undefined
  const { source, target, sourceClusterId, targetClusterId, keepsNames, producerIds } = value as Record<string, unknown>
  const isText = [source, target, sourceClusterId, targetClusterId].every((one) => typeof one === 'string')
  if (!isText || typeof keepsNames !== 'boolean' || !Array.isArray(producerIds)) return undefined
  if (!producerIds.every((id) => typeof id === 'string' && /^\d{1,19}$/.test(id))) return undefined
  return value as FlowRecord
}

function parsed(bytes: Buffer | null): unknown {
  try {
    return bytes === null ? undefined : (JSON.parse(bytes.toString('utf8')) as unknown)
  } catch {
    return undefined
  }
}
