// src/config compared with Java's and Kafka's own classes: java.util.Properties, java.util.regex, JaasConfig, the configuration
// definitions, and MirrorMakerConfig of Kafka 4.3.1, and of 4.2.0 where it differs.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { parseJaas } from '../../src/config/compile/jaas.ts'
import {
  adminDefinition,
  connectorDefinitions,
  consumerDefinition,
  producerDefinition,
  topDefinition,
  workerDefinition,
} from '../../src/config/definitions.ts'
import { latin1, parseProperties } from '../../src/config/dialects/properties.ts'
import { type Loaded, loadConfiguration } from '../../src/config/load.ts'
import { Problems } from '../../src/config/problems.ts'
import type { Entries } from '../../src/config/resolve.ts'
import { validateConnector } from '../../src/config/review/validate.ts'
import { flowOnlySettings } from '../../src/config/settings/flow-only.ts'
import { shownPairs } from '../../src/config/show.ts'
import { compileJavaPattern } from '../../src/java-pattern/java-pattern.ts'
import { connectorNames } from '../../src/model/flow-status.ts'
import {
  type Answer,
  askConfig,
  askDefinitions,
  askJaas,
  askProperties,
  askRegex,
  type OracleConfig,
  type OraclePair,
  scratchDirectory,
  writeFiles,
} from '../harness/config-oracle.ts'
import { type AwkwardConfiguration, awkwardConfigurations } from './awkward-configurations.ts'
import { awkwardNames } from './awkward-names.ts'
import { awkwardPatterns } from './awkward-patterns.ts'
import { awkwardProviders } from './awkward-providers.ts'
import { awkwardJaasLines, awkwardProperties } from './awkward-texts.ts'
import { numbers, randomConfiguration } from './random-configurations.ts'

const hasRefusal = ({ refused }: { refused?: string }) => refused !== undefined

/** The result of reading a text, or the message of the refusal. */
function outcome<T>(read: () => T): { answer: T } | { refused: string } {
  try {
    return { answer: read() }
  } catch (error) {
    return { refused: String(error) }
  }
}

const ownProperties = (bytes: Uint8Array) =>
  new Map(parseProperties(latin1(bytes), 'test').map(({ key, value }) => [key, value]))

function randomProperties(seed: number): string {
  const next = numbers(seed)
  const alphabet = [
    '\\',
    '\\',
    '\\u0041',
    '#',
    '!',
    '=',
    ':',
    ' ',
    '\t',
    '\f',
    '\n',
    '\n',
    '\r',
    'a',
    'b',
    '\u00e9',
    '$',
  ]
  return Array.from({ length: next(30) }, () => alphabet[next(alphabet.length)] ?? '').join('')
}

describe('properties', () => {
  test('every text is read as by java.util.Properties', async () => {
    using scratch = scratchDirectory()
    const random = Array.from({ length: 1500 }, (_, seed) => randomProperties(seed))
    const texts = [...awkwardProperties, ...random]
    const paths = writeFiles(
      scratch.path,
      Object.fromEntries(texts.map((text, at) => [`${at}`, Buffer.from(text, 'latin1')])),
    )
    const answers = await askProperties(paths)
    assert.equal(answers.length, texts.length)
    for (const [at, text] of texts.entries()) {
      const java = answers[at] ?? {}
      const own = outcome(() => ownProperties(Buffer.from(text, 'latin1')))
      if (hasRefusal(java)) assert.ok('refused' in own, JSON.stringify(text))
      else assert.deepEqual(own, { answer: new Map(java.answer) }, JSON.stringify(text))
    }
    assert.ok(answers.some(hasRefusal))
  })
})

/** Messages of compileJavaPattern for valid Java patterns that it does not support. */
const untranslated =
  /refers back to a group|ignores the case of all letters|the flag [xU] is not translated|has no meaning, or none that can be translated|has no equivalent here|can be of any length|holds a possessive or atomic part|there is nothing behind a &&/

function randomPattern(seed: number): string {
  const next = numbers(seed)
  const tokens =
    'a b . x - \\. [ab] [^a] [a-c&&[^b]] [a-c&&b] ( (?: ) | * + ? *? ++ {2} {1,2} {0,} ^ $ \\d \\w \\Q \\E (?i) (?i: (?-i) (?= (?! (?<= (?<! (?> ) ) \\b \\p{Alpha} [ ] && \\ { }'.split(
      ' ',
    )
  return Array.from({ length: 1 + next(8) }, () => tokens[next(tokens.length)] ?? '').join('')
}

function randomName(seed: number): string {
  const next = numbers(seed)
  return Array.from({ length: next(6) }, () => 'abxA.-1'.charAt(next(7))).join('')
}

describe('patterns', () => {
  test('every pattern matches the same names as in java.util.regex, or is refused', async () => {
    const random = Array.from({ length: 4000 }, (_, seed) => randomPattern(seed))
    const short = Array.from({ length: 60 }, (_, seed) => randomName(seed))
    const cases = [
      ...awkwardPatterns.map((pattern) => ({ pattern, names: awkwardNames })),
      ...random.map((pattern) => ({ pattern, names: short })),
    ]
    const answers = await askRegex(cases)
    assert.equal(answers.length, cases.length)
    const wrong: string[] = []
    let compared = 0
    for (const [at, { pattern, names }] of cases.entries()) {
      const java = answers[at] ?? 'no answer'
      const own = outcome(() => compileJavaPattern(pattern))
      if ('refused' in own) {
        if (typeof java !== 'string' && !untranslated.test(own.refused))
          wrong.push(`${pattern} is refused: ${own.refused}`)
        continue
      }
      if (typeof java === 'string') {
        wrong.push(`${pattern} is taken, but Java says: ${java}`)
        continue
      }
      compared++
      const different = names.filter((name, position) => own.answer.test(name) !== java[position])
      if (different.length > 0) wrong.push(`${pattern} (${own.answer.source}) differs on ${JSON.stringify(different)}`)
    }
    assert.deepEqual(wrong, [])
    assert.ok(compared > 1000, `${compared} patterns compared`)
  })
})

describe('sasl.jaas.config', () => {
  test('every line with one login module is read as by Kafka, and other lines are refused', async () => {
    using scratch = scratchDirectory()
    const paths = writeFiles(scratch.path, Object.fromEntries(awkwardJaasLines.map((line, at) => [`${at}`, line])))
    const answers = await askJaas(paths)
    for (const [at, line] of awkwardJaasLines.entries()) {
      const { answer } = answers[at] ?? {}
      const own = outcome(() => parseJaas(line))
      if (answer?.length !== 1) assert.ok('refused' in own, line)
      else {
        const { name, options } = answer[0] ?? { name: '', options: {} }
        assert.ok('answer' in own, `${line}: ${JSON.stringify(own)}`)
        assert.deepEqual([own.answer.name, Object.fromEntries(own.answer.options)], [name ?? '', options], line)
      }
    }
    assert.ok(answers.some(hasRefusal))
  })
})

/** These rows stand for several definitions with different defaults; each row has the consumer's default. */
const sharedRows = [
  'worker receive.buffer.bytes',
  'worker request.timeout.ms',
  'worker key.converter',
  'worker value.converter',
  'worker header.converter',
  'producer receive.buffer.bytes',
  'admin connections.max.idle.ms',
  'admin enable.metrics.push',
  'admin bootstrap.servers',
]

/** Differences of 4.2 that the settings reference documents. */
const olderDifferences = [
  'MirrorSourceConnector config.properties.exclude',
  'MirrorSourceConnector metric.names.formats',
  'MirrorCheckpointConnector metric.names.formats',
]

describe('setting tables', () => {
  test('the definitions of Kafka 4.2 differ only in the keys that the tables mark', async () => {
    const [newer, older] = await Promise.all([askDefinitions('4.3.1'), askDefinitions('4.2.0')])
    const different = Object.entries(newer).flatMap(([name, keys]) =>
      Object.entries(keys).flatMap(([key, { kind, fallback, required }]) => {
        const before = older[name]?.[key]
        const isSame = before?.kind === kind && before.fallback === fallback && before.required === required
        return isSame ? [] : [`${name} ${key}`]
      }),
    )
    assert.deepEqual(different, olderDifferences)
    const said = Object.values(connectorDefinitions).flatMap((definition) => [...definition.values()])
    const keys = new Set(said.filter(({ change }) => change !== undefined).map(({ name }) => name))
    assert.deepEqual([...keys].sort(), [...new Set(olderDifferences.map((one) => one.split(' ')[1] ?? ''))].sort())
  })

  test("the tables contain exactly Kafka's keys, with type, default and importance", async () => {
    const kafka = await askDefinitions()
    const own = {
      top: topDefinition,
      ...connectorDefinitions,
      worker: workerDefinition,
      consumer: consumerDefinition,
      producer: producerDefinition,
      admin: adminDefinition,
    }
    for (const [name, definition] of Object.entries(own)) {
      const types = [...definition.values()].map((setting) => `${setting.name} ${setting.type}`)
      const kinds = Object.entries(kafka[name] ?? {}).map(([key, { kind }]) => `${key} ${kind}`)
      assert.deepEqual(types.sort(), kinds.sort(), name)
    }
    const different = Object.entries(own).flatMap(([name, definition]) =>
      [...definition.values()]
        .filter((setting) => {
          const { fallback = null, required } = kafka[name]?.[setting.name] ?? {}
          return (
            (fallback?.replaceAll('class ', '') ?? null) !== setting.default || required !== (setting.required ?? false)
          )
        })
        .map((setting) => `${name} ${setting.name}`),
    )
    assert.deepEqual(different, sharedRows)
  })
})

interface Case {
  readonly name: string
  readonly path: string
  readonly loaded: Loaded
}

function loadCase(path: string, environment: Readonly<Record<string, string>>): Loaded {
  return loadConfiguration({
    file: path,
    bytes: readFileSync(path),
    environment: (name) => environment[name],
    readFile: (file) => readFileSync(file),
    listDirectory: (directory) => readdirSync(directory).filter((name) => statSync(join(directory, name)).isFile()),
  })
}

/** Writes and loads the configurations. Java gets the same `environment`. */
function loadCases(directory: string, configurations: readonly AwkwardConfiguration[]) {
  const environment = Object.assign({}, ...configurations.map(({ env }) => env ?? {})) as Record<string, string>
  const cases = configurations.map(({ name, text, files }, at): Case => {
    const own = join(directory, `${at}`)
    const [path = ''] = writeFiles(own, {
      'mm2.properties': Buffer.from(text.replaceAll('{dir}', own), 'latin1'),
      ...files,
    })
    return { name, path, loaded: loadCase(path, environment) }
  })
  return { cases, environment }
}

const texts = (entries: Entries) => Object.fromEntries([...entries].map(([key, { text }]) => [key, text]))
const ordered = <T extends { source: string; target: string }>(pairs: readonly T[]) =>
  pairs.toSorted((a, b) => (`${a.source} ${a.target}` < `${b.source} ${b.target}` ? -1 : 1))

const groups = {
  awkward: [...awkwardConfigurations, ...awkwardProviders],
  random: Array.from({ length: 250 }, (_, seed) => randomConfiguration(seed)),
}

describe('mm2.properties', () => {
  for (const [group, configurations] of Object.entries(groups)) {
    test(`every ${group} file is read or refused as by MirrorMakerConfig`, async (t) => {
      using scratch = scratchDirectory()
      const { cases, environment } = loadCases(scratch.path, configurations)
      const paths = cases.map(({ path }) => path)
      const answers = await askConfig(paths, environment)
      assert.equal(answers.length, cases.length)
      for (const [at, { name, loaded }] of cases.entries()) await t.test(name, () => compare(loaded, answers[at] ?? {}))
      const outcomes = new Set(answers.map(({ answer }) => answer === undefined))
      assert.equal(outcomes.size, 2, 'expected both valid and refused files')
    })
  }
})

function compare({ effective, problems }: Loaded, { answer, refused }: Answer<OracleConfig>): void {
  const fatal = problems.filter(({ severity, stops }) => severity === 'error' && stops === 'process')
  if (answer === undefined) {
    assert.notEqual(fatal.length, 0, `Java refuses: ${refused}`)
    return
  }
  assert.ok(effective, `Java accepts it, but godwit reports ${JSON.stringify(problems)}`)
  const shown = shownPairs(effective, true)
  assert.deepEqual([...shown.clusters].sort(), answer.clusters.toSorted())
  const maps = ordered(answer.clusterPairs).map(
    ({ source, target, MirrorSourceConnector, MirrorCheckpointConnector, MirrorHeartbeatConnector }) => ({
      source,
      target,
      MirrorSourceConnector,
      MirrorCheckpointConnector,
      MirrorHeartbeatConnector,
    }),
  )
  assert.deepEqual(ordered(shown.clusterPairs), maps)
  const workers = answer.clusterPairs.filter(({ worker }) => worker.refused !== undefined)
  const isRefused = workers.length > 0 || answer.clusterPairs.length === 0
  assert.equal(fatal.length > 0, isRefused, JSON.stringify([fatal, workers.map(({ worker }) => worker.refused)]))
  for (const [position, pair] of ordered(answer.clusterPairs).entries()) {
    comparePair(ordered(effective.pairs)[position], pair)
  }
}

function comparePair(own: NonNullable<Loaded['effective']>['pairs'][number] | undefined, java: OraclePair): void {
  assert.ok(own)
  if (java.worker.originals) assert.deepEqual(texts(own.worker), java.worker.originals)
  if (java.resolved) assert.deepEqual(texts(own.connector), java.resolved)
  for (const connector of connectorNames) {
    const problems = new Problems('test')
    const entries = own.checked[connector] ?? new Map()
    validateConnector(entries, own, connector, problems)
    // rules of the Connect herder, which the oracle does not check
    if (flowOnlySettings.some(({ name }) => entries.has(name))) continue
    const keys = Object.keys(java.errors[connector] ?? {})
    assert.equal(
      problems.list.length > 0,
      keys.length > 0,
      `${connector}: ${JSON.stringify([problems.list, java.errors[connector]])}`,
    )
  }
}
