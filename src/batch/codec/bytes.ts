// Big-endian integers at a position in a Buffer, byte by byte: Buffer's own methods check their arguments on every call and
// took three times as long in the loops of this folder (Node 24). The caller must ensure that the bytes exist.

export function uint8(b: Buffer, at: number): number {
  return b[at] as number
}

export function uint16(b: Buffer, at: number): number {
  return ((b[at] as number) << 8) | (b[at + 1] as number)
}

export function int16(b: Buffer, at: number): number {
  return (uint16(b, at) << 16) >> 16
}

export function int32(b: Buffer, at: number): number {
  return (uint16(b, at) << 16) | uint16(b, at + 2)
}

export function uint32(b: Buffer, at: number): number {
  return int32(b, at) >>> 0
}

/** A signed 64-bit integer; not exact beyond 2^53. */
export function int64(b: Buffer, at: number): number {
  const high = int32(b, at)
  const low = int32(b, at + 4)
  // What fits into 31 bits stays a small integer: the product would be kept as a number of its own on the heap.
  return high === low >> 31 ? low : high * 0x1_0000_0000 + (low >>> 0)
}

export function putInt16(b: Buffer, at: number, value: number): void {
  b[at] = value >>> 8
  b[at + 1] = value
}

export function putInt32(b: Buffer, at: number, value: number): void {
  putInt16(b, at, value >>> 16)
  putInt16(b, at + 2, value)
}
