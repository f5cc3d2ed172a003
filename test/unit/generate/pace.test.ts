import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type GeneratorSettings, generate } from '../../../src/generate/generator.ts'
import { pacing } from '../../../src/generate/pace.ts'
import type { GeneratedRecord } from '../../../src/generate/topic-writer.ts'

test('a rate is kept for any intervals of time, and exceeded by at most one record', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.5, max: 5000, noNaN: true }),
      fc.array(fc.integer({ min: 1, max: 2000 }), { minLength: 1, maxLength: 40 }),
      (rate, steps) => {
        const due = pacing({ rate, maxWaitMs: 0 }, () => 0)
        let [elapsed, made] = [0, 0]
        for (const step of steps) {
          elapsed += step
          for (;;) {
            const { records, waitMs } = due(elapsed, made)
            made += records
            if (records === 0 || waitMs > 0) break
          }
          assert.ok(made <= (elapsed * rate) / 1000 + 1)
          assert.ok(made > (elapsed * rate) / 1000 - 1)
        }
      },
    ),
  )
})

test('without a rate as many records as fit are due, with a longest wait one record after a random wait', () => {
  assert.deepEqual(pacing({ rate: 0, maxWaitMs: 0 }, () => 0.5)(10, 1000), { records: 500, waitMs: 0 })
  assert.deepEqual(pacing({ rate: 0, maxWaitMs: 3000 }, () => 0.5)(10, 1000), { records: 1, waitMs: 1500 })
})

const settings: GeneratorSettings = { records: 0, durationMs: 0, rate: 0, maxWaitMs: 0, keys: true, headers: false }
const invent = (n: number) => ({ key: `k${n}`, value: { n } })

test('exactly the requested number of records is written, numbered in order', async () => {
  const written: GeneratedRecord[] = []
  const write = (records: readonly GeneratedRecord[]) => Promise.resolve(void written.push(...records))
  const parts = { settings: { ...settings, records: 1234 }, invent, write, signal: new AbortController().signal }
  const done = await generate(parts)
  assert.deepEqual([done.records, done.end], [1234, 'limit'])
  const numbers = written.map(({ value }) => (JSON.parse(String(value)) as { n: number }).n)
  assert.deepEqual(
    numbers,
    Array.from({ length: 1234 }, (_, n) => n),
  )
})

test('after a stop only acknowledged records are counted, and a failure ends it', async () => {
  const stop = new AbortController()
  let calls = 0
  const write = () => {
    if (++calls === 3) stop.abort()
    return Promise.resolve()
  }
  const done = await generate({ settings, invent, write, signal: stop.signal })
  assert.deepEqual([done.records, done.end], [1500, 'stopped'])
  const failing = generate({
    settings,
    invent,
    write: () => Promise.reject(new Error('full')),
    signal: new AbortController().signal,
  })
  await assert.rejects(failing, /full/)
})
