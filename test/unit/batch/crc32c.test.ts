import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { crc32c, crc32cInScript, linearStep, multiply, shiftByBytes } from '../../../src/batch/codec/crc32c.ts'

test('the published check value of CRC-32C is calculated', () => {
  assert.equal(crc32cInScript(Buffer.from('x123456789y'), 1, 10), 0xe3069283)
  assert.equal(crc32c(Buffer.from('123456789'), 0, 9), 0xe3069283)
  assert.equal(crc32c(Buffer.alloc(0), 0, 0), 0)
})

test('native code and script return equal checksums for sizes around their boundary', () => {
  const bytes = Buffer.from(Array.from({ length: 1200 }, (_, i) => (i * i) >> 3))
  for (let size = 0; size < 1100; size++) assert.equal(crc32c(bytes, 3, 3 + size), crc32cInScript(bytes, 3, 3 + size))
})

test('powers of x equal the published values', () => {
  const powers = [0x00800000, 0x00008000, 0x82f63b78, 0x6ea2d55c, 0x18b8ea18, 0x510ac59a, 0xb82be955, 0xb8fdb1e7]
  for (const [level, power] of powers.entries()) {
    assert.equal(shiftByBytes(0x80000000, 2 ** level) >>> 0, power)
    if (level > 0) assert.equal(multiply(powers[level - 1] ?? 0, powers[level - 1] ?? 0), power)
  }
  const spots = [40, 0x19e65dde, 100, 0xe0b99ccb, 1000, 0x443d3eb3, 65536, 0xfe7740e6, 1048576, 0x59726915]
  for (let i = 0; i < spots.length; i += 2)
    assert.equal(shiftByBytes(0x80000000, spots[i] as number) >>> 0, spots[i + 1])
})

test('shifting by n bytes equals n steps over zero bytes', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 0, max: 3000 }), (remainder, count) => {
      let slowly = remainder
      for (let i = 0; i < count; i++) slowly = linearStep(slowly, 0)
      assert.equal(shiftByBytes(remainder, count) >>> 0, slowly >>> 0)
    }),
  )
})

test('the product of polynomials is commutative and has the neutral element 1', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer(), (a, b) => {
      assert.equal(multiply(a, b), multiply(b, a))
      assert.equal(multiply(a, 0x80000000), a >>> 0)
    }),
  )
})
