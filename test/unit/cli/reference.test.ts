import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { failuresReference } from '../../../src/base/failure-reference.ts'
import { commands } from '../../../src/cli/commands.ts'
import { commandsReference } from '../../../src/cli/reference.ts'
import { metrics } from '../../../src/metrics/catalog.ts'
import { metricsReference } from '../../../src/metrics/reference.ts'

const references = { commands: commandsReference(commands), failures: failuresReference(), metrics: metricsReference() }

for (const [name, expected] of Object.entries(references)) {
  test(`docs/reference/${name}.md matches the code (GODWIT_WRITE_DOCS=1 rewrites it)`, () => {
    const file = new URL(`../../../docs/reference/${name}.md`, import.meta.url)
    const { GODWIT_WRITE_DOCS } = process.env
    if (GODWIT_WRITE_DOCS === '1') writeFileSync(file, expected)
    assert.equal(readFileSync(file, 'utf8'), expected)
  })
}

test('the metrics reference contains every metric of the catalog', () => {
  for (const { name } of Object.values(metrics)) assert.ok(references.metrics.includes(`\`${name}\``), name)
})
