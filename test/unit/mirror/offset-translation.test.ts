// Offset translation as in MM2: the expected slots were recorded from MM2's own OffsetSyncStore (Kafka 4.2).
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { OffsetTranslation, TOO_OLD } from '../../../src/mirror/offset-translation.ts'

const at = 't-0'

function filled(offsets: Iterable<number>, keepHistory = true, into = new OffsetTranslation()): OffsetTranslation {
  for (const offset of offsets) into.add(at, { upstream: offset, downstream: offset }, keepHistory)
  return into
}

function* steps(from: number, to: number, by: number): Iterable<number> {
  for (let offset = from; offset <= to; offset += by) yield offset
}

/** `0-7:1000 8:900` -> the offsets in the slots. */
function expand(text: string): number[] {
  return text.split(' ').flatMap((part) => {
    const [range = '', value] = part.split(':')
    const [from = 0, to = from] = range.split('-').map(Number)
    return Array.from({ length: to - from + 1 }, () => Number(value))
  })
}

const upstreams = (translation: OffsetTranslation) => translation.slots(at).map(({ upstream }) => upstream)

/** The generator of the pseudo-random test data. */
function* pseudoRandom(count: number): Iterable<number> {
  let x = 1n
  for (let i = 0; i < count; i++) {
    x = (x * 1_103_515_245n + 12_345n) % 2n ** 31n
    yield Number(x)
  }
}

function randomSteps(count: number, step: (x: number) => number): number[] {
  const offsets = [0]
  for (const x of pseudoRandom(count)) offsets.push((offsets.at(-1) ?? 0) + step(x))
  return offsets
}

const slots: readonly (readonly [title: string, made: () => OffsetTranslation, slots: string])[] = [
  ['0 to 16', () => filled(steps(0, 16, 1)), '0:16 1:15 2:14 3:12 4:8 5-63:0'],
  ['0 to 10', () => filled(steps(0, 10, 1)), '0:10 1:9 2:8 3:4 4-63:0'],
  ['0 to 7', () => filled(steps(0, 7, 1)), '0:7 1:6 2:4 3-63:0'],
  ['hundreds to 1000', () => filled(steps(0, 1000, 100)), '0-7:1000 8:900 9:800 10:400 11-63:0'],
  ['hundreds to 500', () => filled(steps(0, 500, 100)), '0-7:500 8:400 9:200 10-63:0'],
  ['tens in a first reading that keeps the newest only', () => filled(steps(0, 1000, 10), false), '0-63:1000'],
  [
    'every tenth offset, after the first reading',
    () => filled(steps(1010, 10_000, 10), true, filled(steps(0, 1000, 10), false)),
    '0-4:10000 5:9990 6:9970 7:9940 8:9880 9:9640 10:9160 11:8680 12:6760 13:4840 14-63:1000',
  ],
  [
    'every tenth offset, during a first reading with full history',
    () => filled(steps(0, 1000, 10)),
    '0-4:1000 5:990 6:960 7:900 8:840 9:720 10:480 11-63:0',
  ],
  [
    'every tenth offset after that, the first one repeated',
    () => filled(steps(1000, 10_000, 10), true, filled(steps(0, 1000, 10))),
    '0-4:10000 5:9990 6:9960 7:9900 8:9840 9:9600 10:9120 11:8640 12:7680 13:3840 14-63:0',
  ],
  [
    'random steps up to a thousand',
    () => filled(randomSteps(10_000, (x) => 1 + (x % 1000))),
    '0-10:5021352 11:5020638 12:5019805 13:5016083 14:5012423 15:4998137 16:4970914 17:4945992 18:4888947 19:4777918 20:4347287 21:3467186 22:1727448 23-63:0',
  ],
  [
    'random powers of two',
    () => filled(randomSteps(1000, (x) => 2 ** ((x >> 8) % 20))),
    '0-12:51023175 13-18:51020870 19:50758726 20:50433318 21:49626095 22:47902928 23:44835870 24:41618645 25:27348975 26-63:0',
  ],
]
for (const [title, made, expected] of slots) {
  test(`${title}: the slots equal those of MM2`, () => assert.deepEqual(upstreams(made()), expand(expected)))
}

test('an offset translates to the nearest sync at or before it, plus one if it is not equal', () => {
  const some = filled([100, 200, 300])
  assert.equal(some.translate(at, 250), 201)
  const apart = filled([175, 275, 375, 475])
  assert.deepEqual(
    [250, 370, 400].map((offset) => apart.translate(at, offset)),
    [176, 176, 376],
  )
  assert.equal(some.translate(at, 99), TOO_OLD)
  assert.equal(some.translate('other-0', 99), undefined)
})

test('a better sync can disappear when newer ones are added', () => {
  const translation = new OffsetTranslation()
  for (let up = 11; up <= 16; up++) translation.add(at, { upstream: up, downstream: up - 7 })
  assert.equal(translation.translate(at, 13), 6)
  translation.add(at, { upstream: 17, downstream: 10 })
  assert.equal(translation.translate(at, 13), 5)
  assert.deepEqual(upstreams(translation), expand('0:17 1:16 2:15 3-63:11'))
})

test('a source that went back clears the history; a target that went back does not', () => {
  const rewound = filled(steps(0, 10_000, 10))
  rewound.add(at, { upstream: 1500, downstream: 11_000 })
  assert.deepEqual(
    [1499, 1500, 2000].map((offset) => rewound.translate(at, offset)),
    [TOO_OLD, 11_000, 11_001],
  )
  const translation = new OffsetTranslation()
  translation.add(at, { upstream: 100, downstream: 200 })
  assert.equal(translation.translate(at, 150), 201)
  translation.add(at, { upstream: 150, downstream: 251 })
  assert.deepEqual([translation.translate(at, 150), translation.translate(at, 5)], [251, TOO_OLD])
  translation.add(at, { upstream: 200, downstream: 10 })
  assert.equal(translation.translate(at, 200), 10)
  translation.add(at, { upstream: 20, downstream: 20 })
  assert.equal(translation.translate(at, 20), 20)
})

test('both invariants hold between neighbours, the newest is first and the oldest is never lost', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 100_000 }), { minLength: 1, maxLength: 300 }), (gaps) => {
      let offset = 0
      const offsets = gaps.map((gap) => (offset += gap))
      const seen = upstreams(filled(offsets))
      assert.equal(seen[0], offsets.at(-1))
      assert.ok((seen[63] ?? 0) <= (offsets[0] ?? 0) + 2 ** 62)
      for (let i = 0; i + 1 < seen.length; i++) {
        const [newer = 0, older = 0] = [seen[i], seen[i + 1]]
        if (newer === older) continue
        assert.ok(newer <= older + 2 ** (i + 1) - 2 ** i, `B at ${i}`)
        assert.ok(newer >= older + 2 ** Math.max(i - 2, 0), `C at ${i}`)
      }
    }),
  )
})
