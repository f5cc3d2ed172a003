// The 32-bit xxHash with seed 0: the checksum of the header, blocks and content of lz4 frames.

const P1 = 0x9e3779b1
const P2 = 0x85ebca77
const P3 = 0xc2b2ae3d
const P4 = 0x27d4eb2f
const P5 = 0x165667b1
const STRIPE = 16

/** The hash of bytes [from, to), unsigned. */
export function xxHash32(b: Buffer, from: number, to: number): number {
  let at = from
  let hash = P5
  if (to - from >= STRIPE) {
    let [one, two, three, four] = [(P1 + P2) | 0, P2, 0, -P1]
    for (; at <= to - STRIPE; at += STRIPE) {
      one = round(one, word(b, at))
      two = round(two, word(b, at + 4))
      three = round(three, word(b, at + 8))
      four = round(four, word(b, at + 12))
    }
    hash = rotate(one, 1) + rotate(two, 7) + rotate(three, 12) + rotate(four, 18)
  }
  hash = (hash + to - from) | 0
  for (; at <= to - 4; at += 4) hash = Math.imul(rotate((hash + Math.imul(word(b, at), P3)) | 0, 17), P4)
  for (; at < to; at++) hash = Math.imul(rotate((hash + Math.imul(b[at] as number, P5)) | 0, 11), P1)
  hash = Math.imul(hash ^ (hash >>> 15), P2)
  hash = Math.imul(hash ^ (hash >>> 13), P3)
  return (hash ^ (hash >>> 16)) >>> 0
}

function round(lane: number, input: number): number {
  return Math.imul(rotate((lane + Math.imul(input, P2)) | 0, 13), P1)
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits))
}

function word(b: Buffer, at: number): number {
  return (
    (b[at] as number) | ((b[at + 1] as number) << 8) | ((b[at + 2] as number) << 16) | ((b[at + 3] as number) << 24)
  )
}
