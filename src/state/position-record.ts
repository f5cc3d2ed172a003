// The bytes of a position: the source and target offsets of a partition at one moment; or a beginning, written by `godwit positions
// reset`: only the source offset where copying starts. JSON, parsed strictly: a misread position would lose or duplicate records. Each
// has its own version, so that a godwit that knows only the first refuses the second (ADR 0015).

/** An anchor to resume from. All offsets are next offsets. */
export interface Position {
  /** uuid texts; empty where a cluster has no topic ids */
  readonly sourceTopicId: string
  readonly targetTopicId: string
  readonly producerId: bigint
  readonly producerEpoch: number
  /** sequence of the next record to send at this anchor */
  readonly sequence: number
  /** next source offset to copy */
  readonly sourceNext: number
  /** log end offset of the target partition at this anchor */
  readonly targetNext: number
  /** leader epoch of the last source batch, -1 when unknown */
  readonly sourceLeaderEpoch: number
  /** ms since the epoch */
  readonly writtenAt: number
}

/** The source offset where an operator wants copying to begin; the end of the target partition is read when it begins. */
export interface Beginning {
  readonly kind: 'beginning'
  /** id of the source topic the offset belongs to; empty while unknown */
  readonly sourceTopicId: string
  /** source offset to copy first */
  readonly sourceNext: number
  /** ms since the epoch */
  readonly writtenAt: number
}

/** Why bytes are not a position; `newer`: written by a later version of godwit. */
export type Unreadable =
  | { readonly kind: 'newer'; readonly version: number }
  | { readonly kind: 'unreadable'; readonly why: string }

const currentVersion = 1
const beginningVersion = 2

type Check = (value: unknown) => boolean
const isText: Check = (value) => typeof value === 'string'
const isWhole =
  (min: number, max: number): Check =>
  (value) =>
    typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max
const isDecimal: Check = (value) => typeof value === 'string' && /^(-1|0|[1-9]\d{0,18})$/.test(value)
const isOffset = isWhole(0, Number.MAX_SAFE_INTEGER)

const members: Readonly<Record<string, Check>> & Readonly<Record<keyof Position, Check>> = {
  sourceTopicId: isText,
  targetTopicId: isText,
  producerId: isDecimal,
  producerEpoch: isWhole(-1, 0x7fff),
  sequence: isWhole(0, 0x7fffffff),
  sourceNext: isOffset,
  targetNext: isOffset,
  sourceLeaderEpoch: isWhole(-1, 0x7fffffff),
  writtenAt: isOffset,
}

const membersOfBeginning: Readonly<Record<string, Check>> & Readonly<Record<Exclude<keyof Beginning, 'kind'>, Check>> =
  {
    sourceTopicId: isText,
    sourceNext: isOffset,
    writtenAt: isOffset,
  }

/** Key bytes: `["orders",3]`, the source topic and its partition. */
export function encodePositionKey(topic: string, partition: number): Buffer {
  return Buffer.from(JSON.stringify([topic, partition]))
}

/** Value bytes; the producer id is a string because JSON has no 64-bit integers. */
export function encodePosition(position: Position): Buffer {
  return Buffer.from(
    JSON.stringify({ version: currentVersion, ...position, producerId: position.producerId.toString() }),
  )
}

/** Value bytes of a beginning. */
export function encodeBeginning({ sourceTopicId, sourceNext, writtenAt }: Beginning): Buffer {
  return Buffer.from(JSON.stringify({ version: beginningVersion, sourceTopicId, sourceNext, writtenAt }))
}

/** Reads a key; undefined for anything that `encodePositionKey` would not write. */
export function parsePositionKey(bytes: Uint8Array | null): { topic: string; partition: number } | undefined {
  const key = parsed(bytes)
  if (!Array.isArray(key) || key.length !== 2) return undefined
  const [topic, partition] = key as unknown[]
  if (typeof topic !== 'string' || typeof partition !== 'number' || !isWhole(0, 0x7fffffff)(partition)) return undefined
  return encodePositionKey(topic, partition).equals(bytes ?? Buffer.alloc(0)) ? { topic, partition } : undefined
}

/** Parses a value, which must have exactly the members of its version, with the right types. Never throws. */
export function parsePosition(bytes: Uint8Array): Position | Beginning | Unreadable {
  const value = parsed(bytes)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return unreadable('it is not a JSON object')
  const { version, ...rest } = value as Record<string, unknown>
  if (!isWhole(1, Number.MAX_SAFE_INTEGER)(version)) return unreadable('it has no version')
  if (Number(version) > beginningVersion) return { kind: 'newer', version: Number(version) }
  const wrong = wrongMember(rest, version === currentVersion ? members : membersOfBeginning)
  if (wrong !== undefined) return unreadable(wrong)
  if (version === beginningVersion) return { ...(rest as unknown as Beginning), kind: 'beginning' }
  const { producerId } = rest
  return { ...(rest as unknown as Position), producerId: BigInt(String(producerId)) }
}

/** Whether the parsed value is a position. */
export function isPosition(read: Position | Beginning | Unreadable): read is Position {
  return !('kind' in read)
}

/** Whether the parsed value is a beginning. */
export function isBeginning(read: Position | Beginning | Unreadable): read is Beginning {
  return 'kind' in read && read.kind === 'beginning'
}

function wrongMember(rest: Record<string, unknown>, expected: Readonly<Record<string, Check>>): string | undefined {
  for (const [name, check] of Object.entries(expected)) {
    if (!(name in rest)) return `${name} is missing`
    if (!check(rest[name])) return `${name} is ${JSON.stringify(rest[name])}`
  }
  const extra = Object.keys(rest).find((name) => !(name in expected))
  return extra === undefined ? undefined : `${extra} is unknown`
}

const unreadable = (why: string): Unreadable => ({ kind: 'unreadable', why })

function parsed(bytes: Uint8Array | null): unknown {
  if (bytes === null) return undefined
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)) as unknown
  } catch {
    return undefined
  }
}
