// The variable-length integers of records (zigzag, seven bits per byte, lowest first) at a position in a Buffer, without allocations.
// After reading, the caller must check that the position after the integer is still within the bytes.

/** The factor of each further byte: 2^7. */
const SEPTET = 128
/** A varint has at most five bytes, a varlong ten. */
const LONGEST = 10

/** The number of bytes of the integer at this position; 11 if it does not end within ten. */
export function varintBytes(b: Buffer, at: number): number {
  if ((b[at] as number) < 0x80) return 1
  let last = at + 1
  while ((b[last] as number) >= 0x80 && last < at + LONGEST) last++
  return last - at + 1
}

/** Reads a 32-bit integer; bits beyond the 32nd are lost, as in Java. */
export function readVarint(b: Buffer, at: number): number {
  let byte = b[at] as number
  if (byte < 0x80) return (byte >>> 1) ^ -(byte & 1)
  let value = byte & 0x7f
  let next = at + 1
  for (let shift = 7; shift < 35; shift += 7) {
    byte = b[next++] as number
    value |= (byte & 0x7f) << shift
    if (!(byte >= 0x80)) break
  }
  return (value >>> 1) ^ -(value & 1)
}

/** Reads a 64-bit integer; NaN if it does not end within ten bytes, or is not exact as a number (beyond 2^53). */
export function readVarlong(b: Buffer, at: number): number {
  const first = b[at] as number
  if (first < 0x80) return (first >>> 1) ^ -(first & 1)
  let value = 0
  let scale = 1
  for (let next = at; next < at + LONGEST; next++) {
    const byte = b[next] as number
    value += (byte & 0x7f) * scale
    if (byte < 0x80)
      return value > Number.MAX_SAFE_INTEGER ? Number.NaN : value % 2 === 0 ? value / 2 : -(value + 1) / 2
    scale *= SEPTET
  }
  return Number.NaN
}

/** Reads any 64-bit integer exactly. */
export function readExactVarlong(b: Buffer, at: number): bigint {
  let value = 0n
  for (let index = 0; index < LONGEST; index++) {
    const byte = b[at + index] as number
    value |= BigInt(byte & 0x7f) << BigInt(7 * index)
    if (byte < 0x80) break
  }
  return BigInt.asIntN(64, (value >> 1n) ^ -(value & 1n))
}

/** Size of a 32-bit integer (bytes). */
export function sizeOfVarint(value: number): number {
  const bits = ((value << 1) ^ (value >> 31)) >>> 0
  return bits < 0x80 ? 1 : bits < 0x4000 ? 2 : bits < 0x20_0000 ? 3 : bits < 0x1000_0000 ? 4 : 5
}

/** Size of an integer between -2^52 and 2^52 (bytes). */
export function sizeOfVarlong(value: number): number {
  if (value === value >> 0) return sizeOfVarint(value)
  let size = 1
  for (let rest = zigzag(value); rest > 0x7f; rest = Math.floor(rest / SEPTET)) size++
  return size
}

/** Writes a 32-bit integer; returns the position after it. */
export function putVarint(b: Buffer, at: number, value: number): number {
  let rest = ((value << 1) ^ (value >> 31)) >>> 0
  let next = at
  while (rest > 0x7f) {
    b[next++] = rest | 0x80
    rest >>>= 7
  }
  b[next++] = rest
  return next
}

/** Writes an integer between -2^52 and 2^52; returns the position after it. */
export function putVarlong(b: Buffer, at: number, value: number): number {
  if (value === value >> 0) return putVarint(b, at, value)
  let rest = zigzag(value)
  let next = at
  while (rest > 0x7f) {
    b[next++] = (rest % SEPTET) | 0x80
    rest = Math.floor(rest / SEPTET)
  }
  b[next++] = rest
  return next
}

/** Writes any 64-bit integer; returns the position after it. */
export function putExactVarlong(b: Buffer, at: number, value: bigint): number {
  let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n))
  let next = at
  for (; rest > 0x7fn; rest >>= 7n) b[next++] = Number(rest & 0x7fn) | 0x80
  b[next++] = Number(rest)
  return next
}

function zigzag(value: number): number {
  return value < 0 ? -value * 2 - 1 : value * 2
}
