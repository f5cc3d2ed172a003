// Big-endian integers at a position in a Buffer, byte by byte: Buffer's own methods check their arguments on every call and
// took three times as long in the loops of this folder (Node 24). The caller must ensure that the bytes exist.
import { int64From } from '../../base/int64.ts'

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
  return int64From(int32(b, at), int32(b, at + 4))
}

export function putInt16(b: Buffer, at: number, value: number): void {
  b[at] = value >>> 8
  b[at + 1] = value
}

export function putInt32(b: Buffer, at: number, value: number): void {
  putInt16(b, at, value >>> 16)
  putInt16(b, at + 2, value)
}
