// What follows from a declaration: typed access, defaults, the fields of the model.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Reader } from '../../../src/config/compile/reader.ts'
import {
  connectorDefault,
  consumerDefinition,
  godwitDefinition,
  producerDefinition,
} from '../../../src/config/definitions.ts'
import { defaultOf, definition, only, type Setting, table, without } from '../../../src/config/setting.ts'
import { checkpointSettings } from '../../../src/config/settings/checkpoint.ts'
import { adminSettings, clientsSettings } from '../../../src/config/settings/clients.ts'
import { clusterSettings } from '../../../src/config/settings/cluster.ts'
import { connectorSettings } from '../../../src/config/settings/connector.ts'
import { consumerSettings } from '../../../src/config/settings/consumer.ts'
import { filterSettings, flowOnlySettings } from '../../../src/config/settings/flow-only.ts'
import { godwitSettings, processSettings } from '../../../src/config/settings/godwit.ts'
import { heartbeatSettings } from '../../../src/config/settings/heartbeat.ts'
import { producerSettings } from '../../../src/config/settings/producer.ts'
import { sourceSettings } from '../../../src/config/settings/source.ts'
import { topSettings } from '../../../src/config/settings/top.ts'
import { workerSettings } from '../../../src/config/settings/worker.ts'

const entriesOf = (texts: Readonly<Record<string, string>>) =>
  new Map(Object.entries(texts).map(([key, text], at) => [key, { key, text, written: text, line: at + 1 }]))

test('no table declares a name twice', () => {
  const tables: readonly (readonly Setting[])[] = [
    ...[checkpointSettings, adminSettings, clientsSettings, clusterSettings, connectorSettings, consumerSettings],
    ...[filterSettings, flowOnlySettings, godwitSettings, processSettings, heartbeatSettings, producerSettings],
    ...[sourceSettings, topSettings, workerSettings],
  ]
  const twice = tables.flatMap((rows) => {
    const names = rows.map(({ name }) => name)
    return names.filter((name, at) => names.indexOf(name) < at)
  })
  assert.deepEqual(twice, [])
})

test('an undeclared name, or one of another type, is a compile error', () => {
  const reader = new Reader(new Map(), godwitDefinition)
  // @ts-expect-error
  assert.throws(() => reader.boolean('godwit.no.such.setting'), TypeError)
  // @ts-expect-error
  assert.equal(reader.boolean('godwit.memory.bytes'), false)
  // @ts-expect-error
  const gap: 'wait' = reader.text('godwit.on.gap')
  assert.equal(gap, 'continue')
})

test('a setting that is absent or invalid has its default', () => {
  const consumer = (texts: Readonly<Record<string, string>>) => new Reader(entriesOf(texts), consumerDefinition)
  assert.equal(consumer({}).number('fetch.max.bytes'), 8388608)
  assert.equal(consumer({ 'fetch.max.bytes': 'many' }).number('fetch.max.bytes'), 8388608)
  assert.equal(consumer({ 'fetch.max.bytes': '7' }).number('fetch.max.bytes'), 7)
  assert.equal(consumer({}).text('auto.offset.reset'), 'earliest')
  assert.equal(consumer({}).number('fetch.min.bytes'), 1)
  assert.equal(defaultOf(producerDefinition.values(), 'max.request.size'), '4194304')
  assert.equal(connectorDefault('MirrorCheckpointConnector', 'groups'), '.*')
})

test('the fields of a table contain its values; a setting without a field is left out', () => {
  const rows = table([
    { name: 'a.b', field: 'ab', type: 'boolean', default: 'true', importance: 'low', effect: 'acted on', docs: 'One.' },
    { name: 'c', field: 'c', type: 'long', default: '5', importance: 'low', effect: 'acted on', docs: 'Two.' },
    { name: 'd', type: 'list', default: '', importance: 'low', effect: 'acted on', docs: 'Three.' },
  ])
  const fields = new Reader(entriesOf({ c: '12' }), definition(rows)).fields()
  assert.deepEqual(fields, { ab: true, c: 12 })
  const names = (settings: readonly Setting[]) => settings.map(({ name }) => name)
  assert.deepEqual(
    [names(only(rows, 'd', 'c')), names(without(rows, 'c'))],
    [
      ['c', 'd'],
      ['a.b', 'd'],
    ],
  )
})
