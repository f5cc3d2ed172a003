import assert from 'node:assert/strict'
import { test } from 'node:test'
import { base, load, next, said } from './reading.ts'

const metricsOf = (lines: string) => load(base + lines).model?.process.metrics

test('metrics have the names most dashboards ask for, and partitions, unless the file says otherwise', () => {
  assert.deepEqual(metricsOf(''), { families: ['strimzi', 'summary'], partitions: true })
  assert.deepEqual(metricsOf('godwit.metrics.families = jmx, strimzi\ngodwit.metrics.partitions = false\n'), {
    families: ['jmx', 'strimzi'],
    partitions: false,
  })
  assert.deepEqual(metricsOf('godwit.metrics.families =\n')?.families, [])
})

test('a family that does not exist is refused, with those that do', () => {
  const { model, problems } = load(`${base}godwit.metrics.families = strimzi, graphite\n`)
  assert.equal(model, undefined)
  const [words = ''] = said(problems, next)
  assert.match(words, /^error godwit\.metrics\.families names "graphite", which is none of strimzi, /)
})

test('keys of the process have no effect at a flow or a cluster, and that is said', () => {
  const { model, problems } = load(`${base}a->b.godwit.metrics.partitions = false\nb.godwit.metrics.families = jmx\n`)
  assert.deepEqual(model?.process.metrics, { families: ['strimzi', 'summary'], partitions: true })
  for (const line of [next, next + 1]) assert.match(said(problems, line).join(), /^warning .* has no effect here/)
})
