// The periodic task that syncs topic configs, with scripted clusters: which requests are sent, and how refusals are handled.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failure } from '../../../src/base/failure.ts'
import { silentLogger } from '../../../src/base/logger.ts'
import { topicConfigsTask } from '../../../src/engine/tasks/topic-configs.ts'
import type { ConfigEntry } from '../../../src/kafka/admin.ts'
import type { IncrementalAlter } from '../../../src/model/flow-settings.ts'
import { base, onlyFlow } from '../config/reading.ts'

type Configs = Readonly<Record<string, string>>
const DEFAULT = 5

/** A cluster with these configs. Their default is `-`. It refuses requests as defined. */
class ScriptedConfigs {
  readonly topics: Map<string, Configs | Failure>
  readonly sent: string[] = []
  /** config -> reason for the refusal */
  refusals: Readonly<Record<string, string>> = {}
  hasIncremental = true
  readonly #names: readonly string[]

  constructor(names: readonly string[], topics: Readonly<Record<string, Configs | Failure>>) {
    this.#names = names
    this.topics = new Map(Object.entries(topics))
  }

  describeTopicConfigs(names: readonly string[]): Promise<Map<string, ConfigEntry[] | Failure>> {
    return Promise.resolve(new Map(names.map((name) => [name, this.#describe(name)])))
  }

  incrementalAlterConfigs(changes: readonly { topic: string; set: Configs; remove: readonly string[] }[]) {
    return this.#answer(changes, ({ topic, set, remove }) => {
      if (!this.hasIncremental) return new Failure('UNSUPPORTED_VERSION', 'too old')
      this.sent.push(`${topic} ${JSON.stringify(set)} -${remove.join()}`)
      return this.#refusal(Object.keys(set))
    })
  }

  replaceConfigs(wanted: readonly { topic: string; configs: Configs }[]) {
    return this.#answer(wanted, ({ topic, configs }) => {
      this.sent.push(`${topic} = ${JSON.stringify(configs)}`)
      return this.#refusal(Object.keys(configs))
    })
  }

  #answer<T extends { topic: string }>(requests: readonly T[], outcome: (one: T) => Failure | undefined) {
    return Promise.resolve(new Map(requests.map((one) => [one.topic, outcome(one)])))
  }

  #refusal(names: readonly string[]): Failure | undefined {
    const name = names.find((one) => Object.hasOwn(this.refusals, one))
    return name === undefined
      ? undefined
      : new Failure('REFUSED_BY_TARGET', this.refusals[name] ?? '', { wireCode: 40 })
  }

  #describe(topic: string): ConfigEntry[] | Failure {
    const set = this.topics.get(topic)
    if (set === undefined) return new Failure('UNKNOWN_TOPIC', `no ${topic}`, { wireCode: 3 })
    if (set instanceof Failure) return set
    return this.#names.map((name) => {
      const value = set[name]
      const source = value === undefined ? DEFAULT : 1
      return { name, value: value ?? '-', source, isDefault: source === DEFAULT, readOnly: false, sensitive: false }
    })
  }
}

/** One run of the periodic task from `source` to `target`, all topics with the same names. */
async function sync(
  source: ScriptedConfigs,
  target: ScriptedConfigs,
  incrementalAlter: IncrementalAlter = 'requested',
) {
  const { settings } = onlyFlow(`${base}use.incremental.alter.configs = ${incrementalAlter}\n`)
  const pairs = [...source.topics.keys()].map((topic) => ({ topic, targetTopic: topic }))
  const [task] = topicConfigsTask({
    settings,
    sourceAdmin: source,
    targetAdmin: target,
    pairs: () => pairs,
    log: silentLogger,
  })
  assert.ok(task)
  await task.once(new AbortController().signal)
  return task.status()
}

const both = ['a', 'b', 'c']
const topics = { kept: { a: '1' }, changed: { a: '1', b: '2' }, removed: {} }
const there = { kept: { a: '1' }, changed: { a: '0', c: '9' }, removed: { c: '9' } }

test('only differences are sent, and a second run sends nothing', async () => {
  const target = new ScriptedConfigs(both, there)
  const { result, message } = await sync(new ScriptedConfigs(both, topics), target)
  assert.deepEqual(target.sent, ['changed {"a":"1","b":"2"} -c', 'removed {} -c'])
  assert.equal(result, 'fine')
  assert.equal(message, '3 topics compared, 2 altered: 2 configs set, 2 removed')
  const again = new ScriptedConfigs(both, topics)
  await sync(new ScriptedConfigs(both, topics), again)
  assert.deepEqual(again.sent, [])
})

test('the non-incremental request, where supported or configured, keeps other configs of the target topic', async () => {
  const source = () => new ScriptedConfigs(both, { t: { a: '1' } })
  const own = { t: { a: '0', 'min.insync.replicas': '2', b: '7' } }
  const names = [...both, 'min.insync.replicas']
  const old = new ScriptedConfigs(names, own)
  old.hasIncremental = false
  await sync(source(), old)
  const newer = new ScriptedConfigs(names, own)
  await sync(source(), newer, 'never')
  for (const { sent } of [old, newer]) assert.deepEqual(sent, ['t = {"min.insync.replicas":"2","a":"1"}'])
})

test('required never falls back to the non-incremental request, and reports what to do', async () => {
  const target = new ScriptedConfigs(both, { t: {} })
  target.hasIncremental = false
  const { code, remedy } = await sync(new ScriptedConfigs(both, { t: { a: '1' } }), target, 'required')
  assert.deepEqual(target.sent, [])
  assert.equal(code, 'UNSUPPORTED_VERSION')
  assert.match(remedy ?? '', /Kafka 2\.3 or newer, or remove a->b\.use\.incremental\.alter\.configs/)
})

test('configs that the target refuses by name are left out and reported with the remedy; the rest is set', async () => {
  const source = new ScriptedConfigs(both, { t: { a: '1', b: '2', c: '3' }, u: { a: '1' } })
  const target = new ScriptedConfigs(both, { t: {}, u: {} })
  target.refusals = { b: 'Invalid value 2 for configuration b', c: 'Unknown topic config name: c' }
  const { result, message, remedy } = await sync(source, target)
  assert.deepEqual(target.sent, [
    't {"a":"1","b":"2","c":"3"} -',
    'u {"a":"1"} -',
    't {"a":"1","c":"3"} -',
    't {"a":"1"} -',
  ])
  assert.equal(result, 'failed')
  assert.match(
    message,
    /^configs of 1 of 2 topics .*configuration b; left out: b, c; its other configs are as on the source/,
  )
  assert.match(remedy ?? '', /write a->b\.config\.properties\.exclude = \S+,min\.insync\.replicas,b,c into the file/)
})

test('each topic with refused configs is reported with the one line that excludes all of them', async () => {
  const source = new ScriptedConfigs(both, { t: { b: '2' }, u: { c: '3' } })
  const target = new ScriptedConfigs(both, { t: {}, u: {} })
  target.refusals = { b: 'Invalid value 2 for configuration b', c: 'Unknown topic config name: c' }
  const { remedy = '' } = await sync(source, target)
  assert.deepEqual(
    [...remedy.matchAll(/config\.properties\.exclude = \S+?(,b\S*|,c\S*) /g)].map(([, names]) => names),
    [',b,c'],
  )
})

test('a refusal that names no config is attributed to configs that the target does not know', async () => {
  const source = new ScriptedConfigs([...both, 'newer'], { t: { a: '1', newer: '2' } })
  const target = new ScriptedConfigs(both, { t: {} })
  target.refusals = { newer: 'no' }
  const { message } = await sync(source, target)
  assert.deepEqual(target.sent, ['t {"a":"1","newer":"2"} -', 't {"a":"1"} -'])
  assert.match(message, /left out: newer; its other configs are/)
})

test('a request that was refused for an unknown reason is not repeated', async () => {
  const target = new ScriptedConfigs(both, { t: {} })
  target.refusals = { a: 'bad mood' }
  const { message } = await sync(new ScriptedConfigs(both, { t: { a: '1', b: '2' } }), target)
  assert.deepEqual(target.sent, ['t {"a":"1","b":"2"} -'])
  assert.match(message, /bad mood/)
})

test('topics that cannot be read do not block the others; the first are named, all are counted', async () => {
  const denied = (topic: string) => new Failure('NOT_AUTHORIZED', `may not see ${topic}`, { cluster: 'a', topic })
  const unreadable = Object.fromEntries(['p', 'q', 'r', 's'].map((topic) => [topic, denied(topic)]))
  const target = new ScriptedConfigs(both, { p: {}, q: {}, r: {}, s: {}, t: {} })
  const { message, code, remedy } = await sync(new ScriptedConfigs(both, { ...unreadable, t: { a: '1' } }), target)
  assert.deepEqual(target.sent, ['t {"a":"1"} -'])
  assert.equal(code, 'NOT_AUTHORIZED')
  assert.match(message, /^configs of 4 of 5 topics .*may not see p; may not see q; may not see r; and 1 more/)
  assert.match(remedy ?? '', /grant the user of cluster a DescribeConfigs on topic p/)
})

test('a topic that was deleted meanwhile is not a failure', async () => {
  const { result } = await sync(new ScriptedConfigs(both, { t: { a: '1' } }), new ScriptedConfigs(both, {}))
  assert.equal(result, 'fine')
})

test('configs of a broker too old to report what was set are not guessed', async () => {
  const source = new ScriptedConfigs(both, { t: { a: '1' } })
  const described = source.describeTopicConfigs.bind(source)
  source.describeTopicConfigs = async (names) => {
    const found = await described(names)
    return new Map([...found].map(([name, list]) => [name, (list as ConfigEntry[]).map((e) => ({ ...e, source: -1 }))]))
  }
  const target = new ScriptedConfigs(both, { t: { b: '1' } })
  const { code } = await sync(source, target)
  assert.deepEqual([code, target.sent], ['UNSUPPORTED_VERSION', []])
})
