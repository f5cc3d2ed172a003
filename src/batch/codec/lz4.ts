// Decodes lz4 frames (frame format 1.6). The WebAssembly library that encodes them is not used for decoding: it has no size limit,
// never releases memory, and crashes on damaged data.
import { Output, type Scratch } from './copying.ts'
import { xxHash32 } from './xxhash32.ts'

const FRAME_MAGIC = 0x184d2204
const VERSION_BITS = 0xc0
const VERSION_1 = 0x40
const BLOCK_CHECKSUM = 0x10
const CONTENT_SIZE = 0x08
const CONTENT_CHECKSUM = 0x04
const DICTIONARY = 0x01
/** bit in the size of a block that is not compressed */
const PLAIN_BLOCK = 0x8000_0000
const SHORTEST_MATCH = 4
const LONGER = 15
/** initial output size (bytes): most batches are smaller */
const USUAL_RATIO = 4

/**
 * Decodes one frame; bytes after it are ignored, as in Java. Blocks can refer to earlier ones, as some producers write them.
 * @param limit maximum size of the result (bytes) @param scratch may be used for the result
 * @throws RangeError if the bytes are not a valid frame
 */
export function readLz4Frame(b: Buffer, limit: number, scratch?: Scratch): Buffer {
  if (b.length < 7 || b.readUInt32LE(0) !== FRAME_MAGIC) throw new RangeError('it is not an lz4 frame')
  const flags = b.readUInt8(4)
  if ((flags & VERSION_BITS) !== VERSION_1 || (flags & DICTIONARY) !== 0)
    throw new RangeError(`its lz4 frame has unknown flags ${flags}`)
  const headEnd = 6 + ((flags & CONTENT_SIZE) !== 0 ? 8 : 0)
  checkHead(b, headEnd)
  const largestBlock = blockSizeOf(b.readUInt8(5))
  const out = new Output(Math.max(b.length * USUAL_RATIO, 1024), limit, scratch)
  let at = headEnd + 1
  for (let size = sizeAt(b, at); size !== 0; size = sizeAt(b, at)) {
    at = readBlock(b, at + 4, size, largestBlock, out)
    if ((flags & BLOCK_CHECKSUM) !== 0) at += 4
  }
  if ((flags & CONTENT_CHECKSUM) !== 0) checkContent(b, at + 4, out)
  return out.view()
}

/**
 * The checksum of the header is the second byte of its hash. In formats 0 and 1 Kafka included the magic in the hash (KAFKA-3160).
 */
function checkHead(b: Buffer, end: number): void {
  if (b.length <= end) throw new RangeError('its lz4 frame ends within its header')
  const stored = b.readUInt8(end)
  const is = (from: number) => ((xxHash32(b, from, end) >>> 8) & 0xff) === stored
  if (!is(4) && !is(0)) throw new RangeError('the checksum of its lz4 header is wrong')
}

function checkContent(b: Buffer, at: number, out: Output): void {
  if (at + 4 > b.length) throw new RangeError('its lz4 frame is cut off')
  if (xxHash32(out.view(), 0, out.length) !== b.readUInt32LE(at))
    throw new RangeError('the checksum of its lz4 content is wrong')
}

function blockSizeOf(descriptor: number): number {
  const code = (descriptor >> 4) & 7
  if (code < 4) throw new RangeError(`its lz4 frame has unknown block size ${code}`)
  return 1 << (8 + 2 * code)
}

function sizeAt(b: Buffer, at: number): number {
  if (at + 4 > b.length) throw new RangeError('its lz4 frame is cut off')
  return b.readUInt32LE(at)
}

/** Decodes one block; returns the position after it. */
function readBlock(b: Buffer, at: number, sizeField: number, largest: number, out: Output): number {
  const plain = sizeField >= PLAIN_BLOCK
  const size = plain ? sizeField - PLAIN_BLOCK : sizeField
  if (size > largest || at + size > b.length) throw new RangeError('a block of its lz4 frame has an impossible size')
  const before = out.length
  if (plain) out.literals(b, at, size)
  else readSequences(b, at, at + size, out)
  if (out.length - before > largest) throw new RangeError('a block of its lz4 frame is larger than its header allows')
  return at + size
}

/** A block is a list of sequences of literals and a match; the last one has no match. */
function readSequences(b: Buffer, start: number, end: number, out: Output): void {
  let at = start
  while (at < end) {
    const token = b[at++] as number
    let literals = token >>> 4
    if (literals === LONGER) {
      const more = lengthBytes(b, at, end)
      literals += longer(b, at, more)
      at += more
    }
    if (at + literals > end) throw new RangeError('literals end after their lz4 block')
    out.literals(b, at, literals)
    at += literals
    if (at === end) return
    if (at + 2 > end) throw new RangeError('its lz4 block is cut off')
    const distance = (b[at] as number) | ((b[at + 1] as number) << 8)
    at += 2
    let match = token & 0x0f
    if (match === LONGER) {
      const more = lengthBytes(b, at, end)
      match += longer(b, at, more)
      at += more
    }
    out.again(distance, match + SHORTEST_MATCH)
  }
}

/** The number of extra length bytes: all consecutive 255s, and one more. */
function lengthBytes(b: Buffer, at: number, end: number): number {
  let last = at
  while (last < end && b[last] === 0xff) last++
  if (last === end) throw new RangeError('its lz4 block is cut off')
  return last - at + 1
}

function longer(b: Buffer, at: number, bytes: number): number {
  return (bytes - 1) * 0xff + (b[at + bytes - 1] as number)
}
