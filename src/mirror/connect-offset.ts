// Source offsets as Connect's worker writes them into `mm2-offsets.<source>.internal`: key and value bytes.
// Java finds a key by its exact bytes, so encoding keeps Java's member order and escaping; parsing accepts any order.

/** Name of MM2's source connector in dedicated mode. */
export const mirrorSourceConnector = 'MirrorSourceConnector'

/** Content of a key: `cluster` is the alias of the source, `topic` the name on the source. */
export interface SourcePartition {
  readonly connector: string
  readonly cluster: string
  readonly topic: string
  readonly partition: number
}

/** source: key of a mirrored partition; other: a well-formed key of another kind (checkpoint, heartbeat ...); garbled: not written by Connect. */
type ParsedKey =
  | ({ readonly kind: 'source' } & SourcePartition)
  | { readonly kind: 'other' }
  | { readonly kind: 'garbled' }

/** stored: last replicated source offset; none: no offset (null, no member, negative); garbled: unreadable, for Java too. */
type ParsedOffset =
  | { readonly kind: 'stored'; readonly offset: number }
  | { readonly kind: 'none' }
  | { readonly kind: 'garbled' }

/** Key bytes, members in the order of Java's hash map: cluster, partition, topic. */
export function encodeSourceKey(key: SourcePartition): Buffer {
  const { connector, cluster, topic, partition } = key
  const members = `{"cluster":${quoted(cluster)},"partition":${partition},"topic":${quoted(topic)}}`
  return Buffer.from(`[${quoted(connector)},${members}]`)
}

/** Value bytes; `offset` is that of the last record the target acknowledged, not of the next one. */
export function encodeSourceOffset(offset: number): Buffer {
  return Buffer.from(`{"offset":${offset}}`)
}

/** Parses a key with its members in any order. Never throws. */
export function parseSourceKey(bytes: Uint8Array | null): ParsedKey {
  const key = parsed(bytes)
  if (!Array.isArray(key) || key.length !== 2) return { kind: 'garbled' }
  const [connector, members] = key as unknown[]
  if (typeof connector !== 'string' || !isObject(members)) return { kind: 'garbled' }
  const { cluster, partition, topic, ...more } = members
  if (cluster === undefined || topic === undefined || Object.keys(more).length > 0) return { kind: 'other' }
  if (typeof cluster !== 'string' || typeof topic !== 'string' || !isPartition(partition)) return { kind: 'garbled' }
  return { kind: 'source', connector, cluster, topic, partition }
}

/** Parses a value. Never throws. */
export function parseSourceOffset(bytes: Uint8Array | null): ParsedOffset {
  if (bytes === null) return { kind: 'none' }
  const value = parsed(bytes)
  if (value === null) return { kind: 'none' }
  if (!isObject(value)) return { kind: 'garbled' }
  const { offset } = value
  if (offset === undefined || offset === null) return { kind: 'none' }
  if (typeof offset !== 'number' || !Number.isSafeInteger(offset)) return { kind: 'garbled' }
  return offset < 0 ? { kind: 'none' } : { kind: 'stored', offset }
}

/** The parsed JSON, or undefined. A number not written as an integer becomes text: Java does not accept it as an offset. */
function parsed(bytes: Uint8Array | null): unknown {
  if (bytes === null) return undefined
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    return JSON.parse(text, integersOnly) as unknown
  } catch {
    return undefined
  }
}

function integersOnly(_name: string, value: unknown, context?: { source?: string }): unknown {
  return typeof value === 'number' && !/^-?\d+$/.test(context?.source ?? '') ? context?.source : value
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isPartition = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 0x7fffffff

const shortForms: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\f': '\\f',
  '\r': '\\r',
}

/** A JSON string as Jackson writes it: upper-case hex, every surrogate escaped separately, DEL and `/` not escaped. */
function quoted(text: string): string {
  let out = '"'
  for (let at = 0; at < text.length; at++) out += escaped(text.charAt(at))
  return `${out}"`
}

function escaped(unit: string): string {
  const code = unit.charCodeAt(0)
  const isSurrogate = code >= 0xd800 && code <= 0xdfff
  if (code >= 0x20 && !isSurrogate) return shortForms[unit] ?? unit
  return shortForms[unit] ?? `\\u${code.toString(16).toUpperCase().padStart(4, '0')}`
}
