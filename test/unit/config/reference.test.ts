// docs/reference/settings.md and the setting tables it is generated from.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import {
  adminDefinition,
  connectorDefinitions,
  consumerDefinition,
  producerDefinition,
  topDefinition,
  workerDefinition,
} from '../../../src/config/definitions.ts'
import { parseSetting } from '../../../src/config/parse.ts'
import { settingsReference } from '../../../src/config/reference.ts'
import type { Setting } from '../../../src/config/setting.ts'
import { filterSettings, flowOnlySettings } from '../../../src/config/settings/flow-only.ts'
import { godwitSettings, processSettings } from '../../../src/config/settings/godwit.ts'

const definitions = [topDefinition, ...Object.values(connectorDefinitions), workerDefinition]
const clients = [consumerDefinition, producerDefinition, adminDefinition]
const all: readonly Setting[] = [
  ...[...definitions, ...clients].flatMap((definition) => [...definition.values()]),
  ...filterSettings,
  ...flowOnlySettings,
  ...godwitSettings,
  ...processSettings,
]

test('docs/reference/settings.md matches the tables (npm run docs rewrites it)', () => {
  const expected = settingsReference()
  const file = new URL('../../../docs/reference/settings.md', import.meta.url)
  const { GODWIT_WRITE_DOCS } = process.env
  if (GODWIT_WRITE_DOCS === '1') writeFileSync(file, expected)
  assert.equal(readFileSync(file, 'utf8'), expected)
})

test('the reference contains every setting', () => {
  const text = settingsReference()
  assert.deepEqual(
    all.filter(({ name }) => !text.includes(`\n| \`${name}\` |`)).map(({ name }) => name),
    [],
  )
})

test('every default is valid for its own setting', () => {
  const defaults = all.flatMap((setting) =>
    [setting.default, setting.ownDefault?.value].flatMap((text) =>
      typeof text === 'string' ? [{ setting, text }] : [],
    ),
  )
  const bad = defaults.filter(({ setting, text }) => !parseSetting(setting, text, 'refused').ok)
  assert.deepEqual(
    bad.map(({ setting }) => setting.name),
    [],
  )
})

test('every setting is described in one sentence', () => {
  assert.deepEqual(
    all.filter(({ docs }) => !/^([A-Z`]|godwit).*\.$/.test(docs)).map(({ name }) => name),
    [],
  )
})
