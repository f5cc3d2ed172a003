// Decodes snappy: xerial framing, which the Java clients write, and the raw block that librdkafka writes. The WebAssembly library that
// encodes it is not used for decoding, because it crashes on damaged data.
import { Output, type Scratch } from './copying.ts'

const XERIAL_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00])
/** magic, version, oldest compatible version */
export const XERIAL_HEAD = Buffer.concat([XERIAL_MAGIC, Buffer.from([0, 0, 0, 1, 0, 0, 0, 1])])
/** A framed stream can be followed by another one: the first half of its magic is then in the place of a block size. */
const MAGIC_AS_SIZE = XERIAL_MAGIC.readUInt32BE(0)
/** literal lengths from here on are stored in 1 to 4 separate bytes */
const LONG_LITERAL = 60

/**
 * Decodes snappy data.
 * @param limit maximum size of the result (bytes) @param scratch may be used for the result
 * @throws RangeError if the bytes are not valid snappy
 */
export function readSnappy(b: Buffer, limit: number, scratch?: Scratch): Buffer {
  if (!b.subarray(0, XERIAL_MAGIC.length).equals(XERIAL_MAGIC)) {
    const whole = new Output(contentSize(b, 0, b.length, limit), limit, scratch)
    readBlock(b, 0, b.length, whole, limit)
    return whole.view()
  }
  const out = new Output(xerialSize(b, limit), limit, scratch)
  eachBlock(b, (at, end) => readBlock(b, at, end, out, limit))
  return out.view()
}

/** The sum of the sizes stated by all blocks; checked against the limit before memory is allocated. */
function xerialSize(b: Buffer, limit: number): number {
  let total = 0
  eachBlock(b, (at, end) => {
    total += contentSize(b, at, end, limit - total)
  })
  return total
}

function eachBlock(b: Buffer, visit: (at: number, end: number) => void): void {
  for (let at = XERIAL_HEAD.length; at < b.length; ) {
    if (at + 4 > b.length) throw new RangeError('its snappy stream is cut off')
    const size = b.readUInt32BE(at)
    if (size === MAGIC_AS_SIZE) {
      at += XERIAL_HEAD.length
      continue
    }
    if (at + 4 + size > b.length) throw new RangeError('a snappy block is cut off')
    visit(at + 4, at + 4 + size)
    at += 4 + size
  }
}

/** The uncompressed length at the start of a block: a plain varint. */
function contentSize(b: Buffer, at: number, end: number, limit: number): number {
  let size = 0
  for (let i = 0; i < 5 && at + i < end; i++) {
    const byte = b[at + i] as number
    size += (byte & 0x7f) * 2 ** (7 * i)
    if (byte >= 0x80) continue
    if (size > limit) throw new RangeError(`it decompresses to ${size} bytes, more than the ${limit} allowed`)
    return size
  }
  throw new RangeError('a snappy block has no length')
}

function readBlock(b: Buffer, start: number, end: number, out: Output, limit: number): void {
  const before = out.length
  const expected = contentSize(b, start, end, limit - before)
  let at = start
  while ((b[at++] as number) >= 0x80);
  while (at < end) {
    const tag = b[at++] as number
    if ((tag & 3) === 0) at = literal(b, at, end, tag >>> 2, out)
    else at = copy(b, at, end, tag, out)
    if (out.length - before > expected) break
  }
  if (out.length - before !== expected) throw new RangeError('a snappy block does not have the length that it states')
}

function literal(b: Buffer, at: number, end: number, code: number, out: Output): number {
  const extra = code < LONG_LITERAL ? 0 : code - LONG_LITERAL + 1
  if (at + extra > end) throw new RangeError('a snappy block is cut off')
  const length = 1 + (extra === 0 ? code : b.readUIntLE(at, extra))
  const from = at + extra
  if (from + length > end) throw new RangeError('literals end after their snappy block')
  out.literals(b, from, length)
  return from + length
}

/** A copy element with an offset of 1, 2 or 4 bytes. */
function copy(b: Buffer, at: number, end: number, tag: number, out: Output): number {
  const kind = tag & 3
  const behind = at + (kind === 3 ? 4 : kind)
  if (behind > end) throw new RangeError('a snappy block is cut off')
  if (kind === 1) out.again(((tag >>> 5) << 8) | (b[at] as number), 4 + ((tag >>> 2) & 7))
  else if (kind === 2) out.again((b[at] as number) | ((b[at + 1] as number) << 8), (tag >>> 2) + 1)
  else out.again(b.readUInt32LE(at), (tag >>> 2) + 1)
  return behind
}
