// Every key of MirrorMaker 2's connectors at every place in a file (without prefix, under the alias of either cluster, under the
// flow), compared with the values that the connectors' own classes derive: topic names, offset keys, tasks, intervals, filters.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { connectorDefinitions } from '../../src/config/definitions.ts'
import { type Loaded, loadConfiguration } from '../../src/config/load.ts'
import type { Flow } from '../../src/config/model.ts'
import type { Setting } from '../../src/config/setting.ts'
import { flowOnlySettings } from '../../src/config/settings/flow-only.ts'
import { newReplicationPolicy } from '../../src/mirror/replication-policy.ts'
import { isSelected, matchesAny } from '../../src/mirror/topic-selection.ts'
import type { TaskSchedule } from '../../src/model/flow-settings.ts'
import {
  askConfig,
  type OraclePair,
  type OracleVersion,
  scratchDirectory,
  writeFiles,
} from '../harness/config-oracle.ts'

const base = 'clusters = a, b\na.bootstrap.servers = a:9092\nb.bootstrap.servers = b:9092\na->b.enabled = true\n'

const definitions = new Map<string, Setting>(
  [...Object.values(connectorDefinitions).flatMap((one) => [...one.values()]), ...flowOnlySettings].map((setting) => [
    setting.name,
    setting,
  ]),
)

/** Values for keys whose type does not suggest one. The first value that is not refused is used. */
const own: Readonly<Record<string, readonly string[]>> = {
  'source.cluster.alias': ['usdf', ''],
  'target.cluster.alias': ['prod', ''],
  'replication.policy.class': ['org.apache.kafka.connect.mirror.IdentityReplicationPolicy'],
  'replication.policy.separator': ['_', ''],
  topics: ['plain, b\\\\..*', ''],
  'topics.exclude': ['plain'],
  groups: ['or.*'],
  'groups.exclude': ['plain, .*\\\\.ms'],
  'config.properties.exclude': ['retention\\\\.ms, seg.*'],
  'connector.class': [],
  'metric.names.formats': ['new', 'legacy, new'],
  'security.protocol': ['SASL_PLAINTEXT'],
  transforms: [],
  predicates: [],
  'topic.creation.groups': [],
}

function valuesOf({ name, type, default: fallback, range: { choices, min = 1 } = {} }: Setting): readonly string[] {
  const given = own[name]
  if (given) return given
  // Java has to load or validate these itself, which says nothing about godwit.
  if (/^(?:ssl|sasl)\.|converter|plugin\.version$|config\.providers|metric\.reporters/.test(name) || type === 'class')
    return []
  if (type === 'boolean') return [fallback === 'true' ? 'false' : 'true']
  if (choices) return choices.filter((choice) => choice !== fallback)
  if (type === 'string' || type === 'list') return ['x']
  return [String(Math.max(min, Number(fallback ?? 0) + 7))]
}

const prefixes = ['', 'a.', 'b.', 'a->b.']
const single = [...definitions.values()].flatMap((setting) =>
  valuesOf(setting).flatMap((value) =>
    prefixes.map((prefix) => ({
      name: `${prefix}${setting.name} = ${value}`,
      lines: [`${prefix}${setting.name} = ${value}`],
    })),
  ),
)
const identity = 'replication.policy.class = org.apache.kafka.connect.mirror.IdentityReplicationPolicy'
const several = [
  ['source.cluster.alias =', 'replication.policy.separator ='],
  ['source.cluster.alias =', 'target.cluster.alias =', 'replication.policy.separator ='],
  ['source.cluster.alias = usdf', 'a->b.source.cluster.alias = own'],
  ['a.alias = below', 'source.cluster.alias = usdf'],
  ['a.alias = below', 'b.alias = other'],
  ['source.cluster.alias = usdf', 'offset-syncs.topic.location = target'],
  ['source.cluster.alias = usdf', identity],
  [
    'source.cluster.alias = usdf',
    'replication.policy.separator = _',
    'replication.policy.internal.topic.separator.enabled = false',
  ],
  ['b->a.enabled = true', 'source.cluster.alias = usdf'],
].map((lines) => ({ name: lines.join(' + '), lines }))

type Derived = Readonly<Record<string, unknown>>
type Answers = Readonly<Record<string, boolean | string>>

/** MM2 represents a disabled task by the interval -1. */
const intervalOf = ({ enabled, intervalMs }: TaskSchedule) => (enabled ? intervalMs : -1)
const answered = (names: object, answer: (name: string) => boolean | string) =>
  Object.fromEntries(Object.keys(names).map((name) => [name, answer(name)]))

/** godwit's value for each getter of the three configuration classes. */
const getters: Readonly<Record<string, (flow: Flow, java: unknown) => unknown>> = {
  enabled: ({ settings }) => settings.enabled,
  sourceClusterAlias: ({ settings }) => settings.sourceAlias,
  targetClusterAlias: ({ settings }) => settings.targetAlias,
  adminTimeout: ({ settings }) => settings.adminTimeoutMs,
  replicationPolicy: ({ settings }, java) => {
    const policy = newReplicationPolicy(settings.policy, settings.sourceAlias)
    return answered(java as object, (name) => policy.formatRemoteTopic(settings.sourceAlias, name))
  },
  topicFilter: ({ settings }, java) => answered(java as object, (name) => isSelected(name, settings.topics)),
  groupFilter: ({ settings }, java) => answered(java as object, (name) => isSelected(name, settings.groups)),
  configPropertyFilter: ({ settings }, java) =>
    answered(java as object, (name) => !matchesAny(settings.configProperties.exclude, name)),
  offsetSyncsTopic: ({ settings }) => settings.offsetSyncs.topic.name,
  offsetSyncsTopicLocation: ({ settings }) => settings.offsetSyncs.location,
  offsetSyncsTopicReplicationFactor: ({ settings }) => settings.offsetSyncs.topic.replicationFactor,
  emitOffsetSyncsEnabled: ({ settings }) => settings.offsetSyncs.enabled,
  maxOffsetLag: ({ settings }) => settings.offsetSyncs.maxLag,
  checkpointsTopic: ({ settings }) => settings.checkpoints.topic.name,
  checkpointsTopicReplicationFactor: ({ settings }) => settings.checkpoints.topic.replicationFactor,
  heartbeatsTopic: ({ settings }) => settings.heartbeats.topic.name,
  heartbeatsTopicReplicationFactor: ({ settings }) => settings.heartbeats.topic.replicationFactor,
  replicationFactor: ({ settings }) => settings.replicationFactor,
  heartbeatsReplicationEnabled: ({ settings }) => settings.heartbeatsReplicationEnabled,
  refreshTopicsInterval: ({ settings }) => intervalOf(settings.refreshTopics),
  syncTopicConfigsInterval: ({ settings }) => intervalOf(settings.syncTopicConfigs),
  syncTopicAclsInterval: ({ settings }) => intervalOf(settings.syncTopicAcls),
  refreshGroupsInterval: ({ settings }) => intervalOf(settings.refreshGroups),
  emitCheckpointsInterval: ({ settings }) => intervalOf(settings.checkpoints),
  syncGroupOffsetsInterval: ({ settings }) => intervalOf(settings.syncGroupOffsets),
  emitHeartbeatsInterval: ({ settings }) => intervalOf(settings.heartbeats),
}

/** Client labels, and settings that tune only MM2 itself. */
const aside = new Set(['consumerPollTimeout', 'metricsReporters', 'metricNamesFormats', 'connectorName', 'entityLabel'])

/** Replication factors that the file does not set: godwit chooses them by the number of brokers. */
const factors: Readonly<Record<string, string>> = {
  replicationFactor: 'replication.factor',
  offsetSyncsTopicReplicationFactor: 'offset-syncs.topic.replication.factor',
  checkpointsTopicReplicationFactor: 'checkpoints.topic.replication.factor',
  heartbeatsTopicReplicationFactor: 'heartbeats.topic.replication.factor',
}

function compareFlow(flow: Flow, connector: string, derived: Derived, text: string): string[] {
  return Object.entries(derived).flatMap(([getter, java]) => {
    const factor = factors[getter]
    if (aside.has(getter) || (factor !== undefined && !text.includes(factor))) return []
    const value = getters[getter]
    if (value === undefined) return [`${connector}.${getter} is compared with nothing`]
    const mine = value(flow, java)
    return same(mine, java) ? [] : [`${connector}.${getter}: ${JSON.stringify(mine)}, MM2 ${JSON.stringify(java)}`]
  })
}

const same = (mine: unknown, java: unknown) => {
  const text = (value: unknown) =>
    JSON.stringify(value instanceof Object ? Object.entries(value as Answers).sort() : value)
  return text(mine) === text(java)
}

function load(path: string): Loaded {
  return loadConfiguration({
    file: path,
    bytes: readFileSync(path),
    environment: () => undefined,
    readFile: (file) => readFileSync(file),
    listDirectory: () => [],
  })
}

/** The label of MM2's admin client, which contains the cluster aliases and the connector name. */
const labelOf = ({ sourceAdmin }: Flow) => sourceAdmin.clientId.replace(/\|replication-source-admin$/, '')

/** @returns how many connectors of the pair were compared */
function comparePair(
  { model, disabled, problems }: Loaded,
  { source, target, derived }: OraclePair,
  text: string,
): number {
  const flow = `${source}->${target}`
  const mine = model?.flows.find(({ settings }) => settings.name === flow)
  const isLeftOut = disabled.some(({ name }) => name === flow)
  const refusal = derived['MirrorSourceConnector']?.['refused']
  if (refusal !== undefined) assert.ok(mine === undefined && isLeftOut, `${flow} runs, MM2: ${refusal}`)
  if (mine === undefined) {
    // The connector neither copies nor emits heartbeats, or the key needs a class that godwit does not have.
    const isIdle = derived['MirrorHeartbeatConnector']?.['emitHeartbeatsInterval'] === -1
    assert.ok(isIdle || isLeftOut || model === undefined, `${flow} is missing: ${JSON.stringify(problems)}`)
    return 0
  }
  const made = Object.entries(derived).filter(([, getters]) => getters['refused'] === undefined)
  for (const [connector, getters] of made) assert.deepEqual(compareFlow(mine, connector, getters, text), [], flow)
  assert.equal(labelOf(mine), derived['MirrorSourceConnector']?.['entityLabel'], flow)
  return made.length
}

for (const version of ['4.3.1', '4.2.0'] as const satisfies OracleVersion[]) {
  describe(`MirrorMaker 2 ${version}`, () => {
    test('every connector key with every prefix results in the names, tasks and filters of the connectors', async (t) => {
      using scratch = scratchDirectory()
      const cases = [...single, ...several].filter(({ name }) => version === '4.3.1' || !name.includes('metric.names'))
      const files = Object.fromEntries(
        cases.map(({ lines }, at) => [`${at}.properties`, `${base}${lines.join('\n')}\n`]),
      )
      const paths = writeFiles(scratch.path, files)
      const answers = await askConfig(paths, {}, version)
      assert.equal(answers.length, cases.length)
      let compared = 0
      for (const [at, { name, lines }] of cases.entries()) {
        await t.test(name, () => {
          const { answer, refused } = answers[at] ?? {}
          assert.ok(answer, refused)
          const loaded = load(paths[at] ?? '')
          for (const pair of answer.clusterPairs) compared += comparePair(loaded, pair, lines.join('\n'))
        })
      }
      assert.ok(compared > 800, `${compared} connectors compared`)
    })
  })
}
