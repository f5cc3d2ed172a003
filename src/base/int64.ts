/**
 * A signed 64-bit integer from its two halves; exact up to 2^53, which offsets and timestamps do not reach.
 * What fits into 32 bits is not calculated: a product is a floating-point number, which the engine keeps as an object of its own.
 * @param high the upper 32 bits, signed @param low the lower 32 bits, signed
 */
export function int64From(high: number, low: number): number {
  return high === low >> 31 ? low : high * 0x1_0000_0000 + (low >>> 0)
}
