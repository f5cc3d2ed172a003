// Requests to change the offsets of a connector (KIP-875): parsing, and validation with the error messages of MirrorMaker 2's
// connectors. Pure.
import type { ConnectorName } from '../model/flow-status.ts'
import type { PositionsReset } from '../model/positions-reset.ts'

type Members = Readonly<Record<string, unknown>>

/** One entry of a request; null for a null or missing member. */
interface AlteredOffset {
  readonly partition: Members | null
  readonly offset: Members | null
}

/** A rejection, with Connect's HTTP status. */
export interface Refused {
  readonly status: number
  readonly message: string
}

/** Whether a value is a rejection. */
export const isRefused = (value: object): value is Refused => 'status' in value

/** Connect responds with 500 to JSON that its library cannot read. */
const unreadable = (message: string): Refused => ({ status: 500, message })

/** The entries in the JSON of a PATCH. */
export function alteredOffsets(body: unknown): readonly AlteredOffset[] | Refused {
  if (!isMembers(body)) return unreadable('the body is not a JSON object with offsets')
  const stranger = Object.keys(body).find((key) => key !== 'offsets')
  if (stranger !== undefined) return unreadable(`Unrecognized field "${stranger}" (one known property: "offsets")`)
  const { offsets = null } = body
  if (offsets === null || (Array.isArray(offsets) && offsets.length === 0))
    return { status: 400, message: 'Partitions / offsets need to be provided for an alter offsets request' }
  if (!Array.isArray(offsets)) return unreadable('offsets is not a list')
  const entries: AlteredOffset[] = []
  for (const entry of offsets as unknown[]) {
    if (!isMembers(entry)) return unreadable('an entry of offsets is not an object')
    const { partition = null, offset = null } = entry
    if (!isMembersOrNull(partition)) return unreadable('a partition is neither an object nor null')
    if (!isMembersOrNull(offset)) return unreadable('an offset is neither an object nor null')
    entries.push({ partition, offset })
  }
  return entries
}

interface Rules {
  /** keys of a partition with their types, in the order of MM2's checks */
  readonly keys: readonly (readonly [key: string, kind: 'text' | 'number'])[]
  /** only offset 0 is valid */
  readonly onlyZero: boolean
}

const rules: Readonly<Record<ConnectorName, Rules>> = {
  MirrorSourceConnector: {
    keys: [
      ['cluster', 'text'],
      ['topic', 'text'],
      ['partition', 'number'],
    ],
    onlyZero: false,
  },
  MirrorCheckpointConnector: {
    keys: [
      ['group', 'text'],
      ['topic', 'text'],
      ['partition', 'number'],
    ],
    onlyZero: true,
  },
  MirrorHeartbeatConnector: {
    keys: [
      ['sourceClusterAlias', 'text'],
      ['targetClusterAlias', 'text'],
    ],
    onlyZero: true,
  },
}

/** The error of the connector's `alterOffsets` in MM2; undefined for a valid request. Tombstones are always accepted. */
export function refusalOfOffsets(connector: ConnectorName, entries: readonly AlteredOffset[]): Refused | undefined {
  for (const { partition, offset } of entries) {
    if (offset === null) continue
    const why =
      partition === null
        ? 'Source partitions may not be null'
        : (wrongPartition(rules[connector], partition) ?? wrongOffset(rules[connector], partition, offset))
    if (why !== undefined) return { status: 500, message: why }
  }
  return undefined
}

/**
 * The reset for the flow of a source connector. Entries of another cluster are rejected: MM2 stores them, but nothing reads
 * them. Only tombstones with a topic and partition have an effect.
 */
export function resetOfOffsets(entries: readonly AlteredOffset[], source: string): PositionsReset | Refused {
  const wanted = new Map<string, { topic: string; partition: number; to: number | null }>()
  for (const { partition: key, offset } of entries) {
    const { cluster, topic, partition } = key ?? {}
    if (typeof topic !== 'string' || typeof partition !== 'number') continue
    if (cluster !== source) {
      if (offset === null) continue
      return {
        status: 400,
        message: `this connector copies from cluster ${source}; it has no offsets of ${String(cluster)}`,
      }
    }
    wanted.set(`${topic}-${partition}`, { topic, partition, to: offset === null ? null : Number(offset['offset']) + 1 })
  }
  const topics = [...Map.groupBy(wanted.values(), ({ topic }) => topic)].map(([topic, list]) => ({
    ...{ topic, sourceTopicId: '' },
    partitions: list.map(({ partition, to }) => ({ partition, to })),
  }))
  return { targetClusterId: '', topics }
}

function wrongPartition({ keys }: Rules, partition: Members): string | undefined {
  for (const [key, kind] of keys) {
    const about = `Source partition ${javaText(partition)}`
    if (!Object.hasOwn(partition, key)) return `${about} is missing the '${key}' key, which is required`
    const value = partition[key]
    const invalid = `${about} has an invalid value ${String(value)} for the '${key}' key, which`
    if (kind === 'text' && typeof value !== 'string') return `${invalid} must be a string`
    if (kind === 'text') continue
    if (!isWhole(value, 0x7fffffff)) return `${invalid} must be an integer`
    if (value < 0) return `${invalid} cannot be negative`
  }
  return undefined
}

function wrongOffset({ onlyZero }: Rules, partition: Members, offset: Members): string | undefined {
  const about = `Source offset ${javaText(offset)} for source partition ${javaText(partition)}`
  if (!Object.hasOwn(offset, 'offset')) return `${about} is missing the 'offset' key, which is required`
  const { offset: value } = offset
  const invalid = `${about} has an invalid value ${String(value)} for the 'offset' key`
  if (!isWhole(value, Number.MAX_SAFE_INTEGER)) return `${invalid}, which must be an integer`
  if (onlyZero && value !== 0) return `${invalid}; the only accepted value is 0`
  return value < 0 ? `${invalid}, which cannot be negative` : undefined
}

const isWhole = (value: unknown, most: number): value is number =>
  typeof value === 'number' && Number.isInteger(value) && Math.abs(value) <= most

const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isMembersOrNull = (value: unknown): value is Members | null => value === null || isMembers(value)

/** A map as printed by Java, with members in the order of a HashMap. */
function javaText(members: Members): string {
  const entries = Object.entries(members)
  const buckets = bucketsFor(entries.length)
  const sorted = entries.sort(([a], [b]) => bucketOf(a, buckets) - bucketOf(b, buckets))
  return `{${sorted.map(([key, value]) => `${key}=${isMembers(value) ? javaText(value) : String(value)}`).join(', ')}}`
}

/** Number of buckets of a Java HashMap: it doubles when it is more than three quarters full. */
function bucketsFor(size: number): number {
  let buckets = 16
  while (size > buckets * 0.75) buckets *= 2
  return buckets
}

function bucketOf(key: string, buckets: number): number {
  let hash = 0
  for (let at = 0; at < key.length; at++) hash = (Math.imul(31, hash) + key.charCodeAt(at)) | 0
  return (hash ^ (hash >>> 16)) & (buckets - 1)
}
