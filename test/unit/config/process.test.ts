import assert from 'node:assert/strict'
import { test } from 'node:test'
import { base, load, next, said } from './reading.ts'

const metricsOf = (lines: string) => load(base + lines).model?.process.metrics

test('by default metrics have the names of most dashboards, with partitions', () => {
  assert.deepEqual(metricsOf(''), { families: ['strimzi', 'summary'], partitions: true })
  assert.deepEqual(metricsOf('godwit.metrics.families = jmx, strimzi\ngodwit.metrics.partitions = false\n'), {
    families: ['jmx', 'strimzi'],
    partitions: false,
  })
  assert.deepEqual(metricsOf('godwit.metrics.families =\n')?.families, [])
})

test('an unknown family is refused with the known ones', () => {
  const { model, problems } = load(`${base}godwit.metrics.families = strimzi, graphite\n`)
  assert.equal(model, undefined)
  const [words = ''] = said(problems, next)
  assert.match(words, /^error godwit\.metrics\.families names "graphite", which is none of strimzi, /)
})

test('process keys under a flow or a cluster have no effect, which is reported', () => {
  const { model, problems } = load(`${base}a->b.godwit.metrics.partitions = false\nb.godwit.metrics.families = jmx\n`)
  assert.deepEqual(model?.process.metrics, { families: ['strimzi', 'summary'], partitions: true })
  for (const line of [next, next + 1]) assert.match(said(problems, line).join(), /^warning .* has no effect here/)
})
