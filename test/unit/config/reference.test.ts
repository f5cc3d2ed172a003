// docs/reference/settings.md and the tables it is written from.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { parseSetting } from '../../../src/config/define.ts'
import { settingsReference } from '../../../src/config/reference.ts'
import { filterSettings, flowOnlySettings } from '../../../src/config/settings/filters.ts'
import { godwitSettings, processSettings } from '../../../src/config/settings/godwit.ts'
import {
  adminDefinition,
  connectorDefinitions,
  consumerDefinition,
  producerDefinition,
  topDefinition,
  workerDefinition,
} from '../../../src/config/settings/known.ts'

const definitions = [topDefinition, ...Object.values(connectorDefinitions), workerDefinition]
const clients = [consumerDefinition, producerDefinition, adminDefinition]
const all = [
  ...[...definitions, ...clients].flatMap((definition) => [...definition.values()]),
  ...filterSettings,
  ...flowOnlySettings,
  ...godwitSettings,
  ...processSettings,
]

test('docs/reference/settings.md says what the tables say (npm run docs writes it anew)', () => {
  const expected = settingsReference()
  const file = new URL('../../../docs/reference/settings.md', import.meta.url)
  const { GODWIT_WRITE_DOCS } = process.env
  if (GODWIT_WRITE_DOCS === '1') writeFileSync(file, expected)
  assert.equal(readFileSync(file, 'utf8'), expected)
})

test('the reference leaves no setting out', () => {
  const text = settingsReference()
  assert.deepEqual(
    all.filter(({ key }) => !text.includes(`\n| \`${key}\` |`)).map(({ key }) => key),
    [],
  )
})

test('every default is a value its own setting accepts', () => {
  const bad = all.filter(
    (setting) => setting.fallback !== null && !parseSetting(setting, setting.fallback, 'refused').ok,
  )
  assert.deepEqual(
    bad.map(({ key }) => key),
    [],
  )
})

test('every setting says in one sentence what it does', () => {
  assert.deepEqual(
    all.filter(({ doc }) => !/^([A-Z`]|godwit).*\.$/.test(doc)).map(({ key }) => key),
    [],
  )
})
