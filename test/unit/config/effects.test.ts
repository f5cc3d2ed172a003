// Settings without effect: each row of the tables that says so is set, and must change nothing and be reported as documented.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  adminDefinition,
  connectorDefinitions,
  consumerDefinition,
  producerDefinition,
  topDefinition,
  workerDefinition,
} from '../../../src/config/definitions.ts'
import { settingsReference } from '../../../src/config/reference.ts'
import type { Setting } from '../../../src/config/setting.ts'
import { flowOnlySettings } from '../../../src/config/settings/flow-only.ts'
import { base, load, next, said } from './reading.ts'

/** Where the keys of each table may be written, for the flow a->b. */
const tables: readonly (readonly [prefixes: readonly string[], rows: Iterable<Setting>])[] = [
  [[''], topDefinition.values()],
  ...Object.values(connectorDefinitions).map((rows) => [['', 'a->b.'], rows.values()] as const),
  [['a->b.'], flowOnlySettings],
  [['b.'], workerDefinition.values()],
  [['a.consumer.', 'a->b.source.consumer.'], consumerDefinition.values()],
  [['b.producer.', 'a->b.producer.override.'], producerDefinition.values()],
  [['a.admin.', 'b.admin.', 'a->b.target.admin.'], adminDefinition.values()],
]

/** Keys of unsupported mechanisms are refused as a whole; the two exactly-once keys have their own note. */
const isIdle = ({ name, effect }: Setting) =>
  effect === 'no effect' || (effect === 'not yet' && !/^(?:sasl\.|exactly\.once\.)/.test(name))

const rows = tables.flatMap(([prefixes, settings]) =>
  [...settings]
    .filter(isIdle)
    .flatMap((setting) => prefixes.map((prefix) => ({ setting, key: prefix + setting.name }))),
)

/** A valid value other than the default. */
function another(setting: Setting): string {
  const { name, type, default: fallback, range: { choices, min = 1, max } = {} } = setting
  if (name === 'response.http.headers.config') return 'set X: y'
  if (type === 'boolean') return fallback === 'true' ? 'false' : 'true'
  if (choices) return choices.find((choice) => choice.toLowerCase() !== fallback?.toLowerCase()) ?? ''
  if (type === 'class') return 'com.example.Mine'
  if (type === 'string' || type === 'list' || type === 'password') return 'x'
  const value = fallback === null ? min + 1 : Number(fallback) - 1
  return String(value < min || (max !== undefined && value > max) ? min + 2 : value)
}

const plain = (value: unknown) =>
  JSON.stringify(value, (_, one: unknown) => (one instanceof RegExp ? String(one) : one), 1)

const whole = load(base)

test('the tables have rows without effect at every place for a key', () => {
  assert.ok(rows.length > 250, `${rows.length} rows`)
  assert.ok(rows.filter(({ setting }) => setting.reported).length > 10)
})

for (const { setting, key } of rows) {
  test(`${key} changes nothing, and is reported as in the reference`, () => {
    const { model, problems } = load(`${base}${key} = ${another(setting)}\n`)
    assert.equal(plain(model), plain(whole.model))
    const found = problems.map(({ severity, line, reason }) => [severity, line, reason])
    const { reported, silent } = setting
    if (silent) assert.deepEqual(found, [])
    else if (reported === undefined) {
      const reason = `without effect here, since it only tunes MM2 itself: ${key} (line ${next})`
      assert.deepEqual(found, [['note', undefined, reason]])
    } else {
      assert.deepEqual(found, [['warning', next, `has no effect here: ${reported}`]])
      const row = settingsReference()
        .split('\n')
        .find((line) => line.startsWith(`| \`${setting.name}\` |`) && line.includes(reported))
      assert.ok(row, 'expected a row with the effect in the reference')
    }
  })
}

test('a default, or a value with the same effect, is not reported', () => {
  const converter = 'org.apache.kafka.connect.converters.ByteArrayConverter'
  for (const line of [
    'tasks.max = 1',
    `key.converter = ${converter}`,
    `b.value.converter = ${converter}`,
    'b.producer.acks = all',
    'metric.names.formats = legacy',
    'metric.names.formats = legacy, new',
    'a.consumer.interceptor.classes =',
  ])
    assert.deepEqual(load(`${base}${line}\n`).problems, [], line)
})

test('several keys that only tune MM2 itself are named in one note, in the order of the file', () => {
  const { problems } = load(`${base}tasks.max = 4\nb.producer.batch.size = 1\na.producer.linger.ms = 7\n`)
  const names = `tasks.max (line ${next}), b.producer.batch.size (line ${next + 1}), a.producer.linger.ms (line ${next + 2})`
  assert.deepEqual(
    problems.map(({ severity, reason }) => [severity, reason]),
    [['note', `without effect here, since it only tunes MM2 itself: ${names}`]],
  )
})

test('foreign classes are refused wherever a file can name them: group filters, logins, TLS engines', () => {
  const login = `b.security.protocol = SASL_PLAINTEXT\nb.sasl.mechanism = PLAIN\nb.sasl.jaas.config = org.apache.kafka.common.security.plain.PlainLoginModule required username="u" password="p";\n`
  for (const [before, line] of [
    ['', 'group.filter.class = com.example.Mine'],
    ['', 'config.property.filter.class = com.example.Mine'],
    [login, 'b.sasl.login.class = com.example.Mine'],
    [login, 'b.sasl.client.callback.handler.class = com.example.Mine'],
    ['b.security.protocol = SSL\n', 'b.ssl.engine.factory.class = com.example.Mine'],
  ] as const) {
    const { model, problems } = load(`${base}${before}${line}\n`)
    assert.equal(model, undefined, line)
    const at = next + before.split('\n').length - 1
    assert.match(said(problems, at).join(), /^error \S+ asks for com\.example\.Mine, which is Java code/, line)
  }
})
