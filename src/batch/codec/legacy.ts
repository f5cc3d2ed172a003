// Message sets of formats v0 and v1: offset, size, CRC-32, magic, attributes, [timestamp], key, value; a compressed
// message wraps a whole set. In v1 inner offsets count from the wrapper's last; in v0 they are absolute.
import { Failure } from '../../base/failure.ts'
import type { BatchRecord } from '../records.ts'
import { decompress } from './compression.ts'

const ENTRY_HEAD = 12
const APPEND_TIME = 0x08

/** The records of one message, unwrapped if need be. @throws Failure CORRUPT_BATCH */
export function decodeLegacy(b: Buffer, at: number, size: number, limit: number): BatchRecord[] {
  const message = readMessage(b, at, size)
  if (message.codec === 0) return [recordOf(message, message.offset, message.timestamp)]
  if (message.value === null) throw new Failure('CORRUPT_BATCH', 'a compressed message has no value')
  return unwrap(message, decompress(message.codec, message.value, limit))
}

interface Message {
  readonly offset: number
  readonly magic: number
  readonly codec: number
  readonly appendTime: boolean
  readonly timestamp: number
  readonly key: Buffer | null
  readonly value: Buffer | null
}

function unwrap(wrapper: Message, inner: Buffer): BatchRecord[] {
  const messages: Message[] = []
  for (let at = 0; at < inner.length; ) {
    if (inner.length - at < ENTRY_HEAD) throw new Failure('CORRUPT_BATCH', 'a wrapped message is cut off')
    const size = inner.readInt32BE(at + 8) + ENTRY_HEAD
    messages.push(readMessage(inner, at, size))
    at += size
  }
  const last = messages.at(-1)
  const shift = wrapper.magic === 1 && last ? wrapper.offset - last.offset : 0
  return messages.map((m) => recordOf(m, m.offset + shift, wrapper.appendTime ? wrapper.timestamp : m.timestamp))
}

function recordOf(message: Message, offset: number, timestamp: number): BatchRecord {
  return { offset, timestamp, key: message.key, value: message.value, headers: [] }
}

function readMessage(b: Buffer, start: number, size: number): Message {
  const end = start + size
  if (size < ENTRY_HEAD + 14 || end > b.length) throw new Failure('CORRUPT_BATCH', 'a message is cut off')
  const offset = b.readInt32BE(start) * 0x1_0000_0000 + b.readUInt32BE(start + 4)
  const magic = b[start + 16] as number
  const attributes = b[start + 17] as number
  let at = start + 18
  let timestamp = -1
  if (magic === 1) {
    timestamp = b.readInt32BE(at) * 0x1_0000_0000 + b.readUInt32BE(at + 4)
    at += 8
  }
  const key = blob(b, at, end)
  const value = blob(b, at + 4 + (key?.length ?? 0), end)
  return { offset, magic, codec: attributes & 7, appendTime: (attributes & APPEND_TIME) !== 0, timestamp, key, value }
}

function blob(b: Buffer, at: number, end: number): Buffer | null {
  const size = at + 4 <= end ? b.readInt32BE(at) : Number.POSITIVE_INFINITY
  if (size < 0) return null
  if (at + 4 + size > end) throw new Failure('CORRUPT_BATCH', 'a field of a message reaches beyond it')
  return b.subarray(at + 4, at + 4 + size)
}
