// The remedy of each problem of a file is applied to the file: the problem must be gone, without a new one. Every remedy in the
// sources that names a key, a line or a value occurs here.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of configuration files look like that
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { ConfigProblem } from '../../../src/config/problems.ts'
import { base, type Inputs, load } from './reading.ts'

interface Row {
  readonly text: string
  readonly inputs?: Inputs
  /** replacements for words in capitals, which only the user knows */
  readonly known?: Readonly<Record<string, string>>
}

const line = (...lines: readonly string[]): Row => ({ text: `${base}${lines.join('\n')}\n` })
const three = `${base.replace('a, b', 'c, b, a')}c.bootstrap.servers = c:9092\n`
const sasl = ['security.protocol = SASL_SSL', 'sasl.mechanism = SCRAM-SHA-512']
const jaas = (module: string) => `sasl.jaas.config = org.apache.kafka.common.security.${module}`
const login = { known: { USER: 'me', PASSWORD: 'pw' } }
const pem = { 'store.pem': '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n' }

const rows: Readonly<Record<string, Row>> = {
  'an override without a flow': line('producer.override.max.request.size = 10485760'),
  'an override of the consumer without a flow': line('consumer.override.fetch.min.bytes = 1'),
  'an override of an admin without a flow': line('admin.override.retries = 3'),
  'an override at a cluster': line('b.producer.override.max.request.size = 10485760'),
  'an override of the consumer at the flow': line('a->b.consumer.override.fetch.min.bytes = 1'),
  'a key of the producer without a cluster': line('producer.max.request.size = 10485760'),
  'a key of the producer, the target named first': { text: `${three}producer.max.request.size = 10485760\n` },
  'a key of the consumer without a cluster': line('consumer.isolation.level = read_committed'),
  'a key of the consumer, misspelt and without a cluster': line('consumer.isolation.levl = read_committed'),
  'a key of admins without a cluster': line('admin.retries = 3'),
  'a key of the worker without a cluster': line('offset.flush.interval.ms = 3000'),
  'a key of the worker at the flow': line('a->b.offset.flush.interval.ms = 3000'),
  'a key of the flow at its target': line('b.topics = orders'),
  'a key of the flow at its source': line('a.topics = orders'),
  'a key of the flow only, bare': line('use.defaults.from = source'),
  'a key of the flow only, bare and misspelt': line('use.defaults.form = source'),
  'a side without a flow': line('source.consumer.fetch.min.bytes = 1'),
  'a transform without a flow': line('transforms.x.type = com.example.Drop'),
  'a rule of topic creation without a flow': line('topic.creation.default.partitions = 3'),
  'a key of the process at a cluster': line('b.godwit.metrics.partitions = false'),
  'a misspelt key': line('topcis = orders'),
  'a misspelt key of a cluster': line('a.bootstrap.server = a:9092'),
  'a misspelt override': line('a->b.producer.override.max.request.siz = 10485760'),
  'a misspelt key of a client of the flow': line('a->b.source.consumer.isolation.levl = read_committed'),
  'an unknown key': line('qwertyuiop = 1'),
  'an unknown alias': line('a->bb.topics = orders'),
  'unknown aliases': line('xxxx->yyyy.enabled = true'),
  'an older key with a successor': line('groups.blacklist = x'),
  'an older key without one': line('task.index = 1'),
  'an older key that is heeded': line('use.incremental.alter.configs = never'),
  'an older key that is heeded, with a value of its own': line('use.incremental.alter.configs = always'),
  'a key twice': line('tasks.max = 3', 'tasks.max = 5'),
  'a comment behind a list': line('topics = orders, plain  # both'),
  'a comment behind a switch': line('b->a.enabled = false # passive'),
  'a comment in the place of a value': line('topics.exclude = # none'),
  'a comment behind a secret': line('ssl.key.password = secret # of the key'),
  'letters in UTF-8': line(`topics = ${Buffer.from('é, ü').toString('latin1')}`),
  'a variable that is not set': line('a.client.id = $NAME'),
  'a blank behind enabled': { text: base.replace('enabled = true', 'enabled = true ') },
  'no clusters': { text: base.replace('clusters = a, b\n', '') },
  'nothing at all': { text: '# nothing\n' },
  'no addresses': { text: base.replace('b.bootstrap.servers = b:9092\n', ''), known: { 'HOST:PORT': 'b:9092' } },
  'addresses without a port': { text: base.replace('b:9092', 'b'), known: { 'HOST:PORT': 'b:9092' } },
  'addresses in a variable': line('b.bootstrap.servers = $SERVERS'),
  'no flow': { text: `${base.replace('= true', '= false')}emit.heartbeats.enabled = false\n` },
  'a switch that is none': line('sync.topic.acls.enabled = no'),
  'a number that is none': line('tasks.max = many'),
  'a number out of range': line('tasks.max = 0'),
  'a long number out of its type': line('refresh.topics.interval.seconds = 99999999999999999999'),
  'a number without digits': line('sasl.login.refresh.window.factor = much'),
  'a word that is none of the choices': line('offset-syncs.topic.location = nowhere'),
  'a word in other letters': line('a.consumer.isolation.level = READ_COMMITTED'),
  'an interval of zero': line('refresh.topics.interval.seconds = 0'),
  'a wildcard': line('topics = orders, *\\\\.eu'),
  'a policy that is not known': line('replication.policy.class = com.example.Mine'),
  'Java code': line('topic.filter.class = com.example.Mine'),
  'a start that is none': line('auto.offset.reset = x', 'a.consumer.auto.offset.reset = never'),
  'a start by duration': line('a.consumer.auto.offset.reset = by_duration:P7D'),
  'an item of godwit.start that is none': line('godwit.start = yesterday'),
  'a time without a zone': line('godwit.start = 2026-11-01T00:00:00'),
  'a time that does not exist': line('godwit.start = 2026-02-30T00:00:00Z'),
  'items behind one that takes every topic': line('godwit.start = earliest, logs.*=7d'),
  'offset syncs off with their topic given': line(
    'emit.offset-syncs.enabled = false',
    'offset-syncs.topic.replication.factor = 1',
  ),
  'offset syncs off': line('emit.offset-syncs.enabled = false'),
  'checkpoints off': line('a->b.emit.checkpoints.enabled = false'),
  'exactly once without the worker': line(
    'a->b.exactly.once.support = required',
    'a.consumer.isolation.level = read_committed',
  ),
  'exactly once without committed reading': line(
    'a->b.exactly.once.support = required',
    'b.exactly.once.source.support = enabled',
  ),
  'no login': { ...line(...sasl), ...login },
  'a login that is none': {
    ...line(...sasl, 'a.sasl.jaas.config = nonsense', 'b.sasl.jaas.config = nonsense'),
    ...login,
  },
  'a login for another mechanism': {
    ...line(...sasl, `${jaas('plain.PlainLoginModule')} required username="x" password="y";`),
    ...login,
  },
  'a login without a password': {
    ...line(...sasl, `${jaas('scram.ScramLoginModule')} required username="x";`),
    ...login,
  },
  'a mechanism in other letters': line(
    sasl[0] ?? '',
    'a.sasl.mechanism = scram-sha-512',
    'b.sasl.mechanism = scram-sha-512',
    `${jaas('scram.ScramLoginModule')} required username="x" password="y";`,
  ),
  'host names by another algorithm': line('security.protocol = SSL', 'ssl.endpoint.identification.algorithm = http'),
  'TLS of old': line('security.protocol = SSL', 'ssl.enabled.protocols = TLSv1.1'),
  'a store of another type': {
    ...line('security.protocol = SSL', 'a.ssl.truststore.location = store.jks', 'a.ssl.truststore.password = x'),
    inputs: { files: pem },
  },
  'a PEM store in the file without its type': line(
    'security.protocol = SSL',
    'ssl.truststore.certificates = -----BEGIN CERTIFICATE----- AAAA -----END CERTIFICATE-----',
  ),
}

/** Reasons that concern the key of a line rather than its value. */
const aboutKey = /not a key that is known|has no effect|is ignored|which is not in clusters/

/** A file with a problem that is to be resolved. */
class File {
  readonly lines: (string | undefined)[]
  readonly environment: Record<string, string> = {}

  constructor(text: string) {
    this.lines = text.split('\n')
  }

  keyAt = (at: number) => (this.lines[at] ?? '').split(' = ')[0] ?? ''

  placeOf = (key: string) => this.lines.findIndex((_line, at) => this.keyAt(at) === key)

  write(at: number | undefined, written: readonly string[]): void {
    if (at !== undefined) this.lines[at] = undefined
    for (const one of written) {
      const key = one.split(' = ')[0]
      const there = this.placeOf(key ?? '')
      if (there >= 0) this.lines[there] = one
      else this.lines.push(one)
    }
  }

  get text(): string {
    return `${this.lines.filter((one) => one !== undefined).join('\n')}\n`
  }
}

type Action = (file: File, remedy: string, problem: ConfigProblem, at: number | undefined) => boolean

const setVariable: Action = (file, remedy) => {
  const [, variable] = /^set (?:the environment variable )?([A-Z_]+)/.exec(remedy) ?? []
  if (variable !== undefined) file.environment[variable] = 'x:1'
  return variable !== undefined
}

const takeGuess: Action = (file, remedy, { key = '' }, at) => {
  const [, guess] = /^did you mean (\S+?)\?/.exec(remedy) ?? []
  if (guess === undefined || at === undefined) return false
  file.write(at, [(file.lines[at] ?? '').replace(key, guess)])
  return true
}

const removeLine: Action = (file, remedy, _problem, at) => {
  const twice = /^remove line (\d+) or line \d+$/.exec(remedy)
  if (!twice && !/^(?:remove (?:the line|what stands)|.*, or remove the line)/.test(remedy)) return false
  const gone = twice ? Number(twice[1]) - 1 : at
  if (gone === undefined) return false
  // The user decides what to remove after a secret; here it is the comment.
  const kept = remedy.startsWith('remove what stands') ? (file.lines[gone] ?? '').replace(/\s+#.*/, '') : undefined
  file.lines[gone] = kept
  return true
}

/** The line or value to write, without the explanation after it. */
const written = (remedy: string) => /(?:^|; then )write (.*)$/.exec(remedy)?.[1]

const writeLines: Action = (file, remedy, { reason }, at) => {
  const lines = written(remedy)
    ?.split(/; (?=[a-z])/)[0]
    ?.split(/ and (?=\S+ = )/) ?? ['']
  if (!lines.every((one) => /^\S+ = /.test(one)) || lines[0]?.startsWith('clusters = SOURCE')) return false
  const [, removed] = /; remove (\S+)$/.exec(remedy) ?? []
  if (removed !== undefined) file.lines[file.placeOf(removed)] = undefined
  const plain = lines.map((one) => one.replace(/ or IdentityReplicationPolicy.*$/, ''))
  file.write(aboutKey.test(reason) ? at : undefined, plain)
  return true
}

const ahead = /^(?:one of |a whole number from |a number such as |a time that exists, such as )?([^\s,]+)/
const writeValue: Action = (file, remedy, _problem, at) => {
  const value = ahead.exec(written(remedy) ?? '')?.[1]
  if (value === undefined || at === undefined) return false
  file.lines[at] = `${file.keyAt(at)} = ${value}`
  return true
}

const actions = [setVariable, takeGuess, removeLine, writeLines, writeValue]

/** The file after the remedy was applied; undefined if the remedy names no key, line or value. */
function resolved({ text, known = {} }: Row, problem: ConfigProblem): File | undefined {
  const told = Object.entries(known)
  const remedy = told.reduce((all, [word, value]) => all.replaceAll(word, value), problem.remedy)
  const file = new File(text)
  const at = problem.line === undefined ? undefined : problem.line - 1
  return actions.some((act) => act(file, remedy, problem, at)) ? file : undefined
}

const identity = ({ severity, key, reason }: ConfigProblem) =>
  `${severity} ${key}: ${reason.replaceAll(/line \d+/g, 'a line')}`
const severe = (problems: readonly ConfigProblem[]) => problems.filter(({ severity }) => severity !== 'note')

const met: string[] = []

for (const [name, row] of Object.entries(rows)) {
  test(`${name}: the remedy resolves the problem`, () => {
    const inputs = { ...row.inputs }
    const before = severe(load(row.text, inputs).problems)
    assert.notEqual(before.length, 0)
    const known = new Set(before.map(identity))
    for (const problem of before) {
      met.push(problem.remedy)
      const file = resolved(row, problem)
      if (file === undefined) continue
      const files = Object.fromEntries(['store.pem'].map((path) => [path, pem['store.pem']]))
      const left = severe(load(file.text, { ...inputs, files, environment: file.environment }).problems)
      const shown = `${problem.remedy}\n${file.text}\n${left.map(identity).join('\n')}`
      assert.ok(
        !left.some((one) => identity(one) === identity(problem)),
        `it is still there: ${identity(problem)}\n${shown}`,
      )
      assert.deepEqual(left.filter((one) => !known.has(identity(one))).map(identity), [], shown)
    }
  })
}

/** Remedies in the sources as patterns, except those of YAML. */
function remediesOfSource(): [text: string, pattern: RegExp][] {
  const root = join(import.meta.dirname, '../../../src/config')
  const files = globSync('{*.ts,compile/*.ts,review/*.ts,dialects/*.ts}', { cwd: root })
  const texts = files
    .filter((file) => !/yaml|resource|settings/.test(file))
    .flatMap((file) => [
      ...readFileSync(join(root, file), 'utf8').matchAll(
        /(['`"])((?:write|did you mean|remove (?:the )?line) (?:(?!\1).)*)\1/g,
      ),
    ])
    .map(([, , text = '']) => text)
  return [...new Set(texts)].map((text) => {
    const parts = text.replaceAll('\\\\', '\\').split(/\$\{(?:[^{}]|\{[^{}]*\})*\}?/)
    return [text, new RegExp(parts.map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('[^]*'))]
  })
}

/** Remedies that need a file this test does not have, or that name nothing to write. */
const elsewhere =
  /init --from|exactly four hexadecimal|SOURCE->TARGET|write it for a flow|write \\\$ for|them as \\+u|\.shape|= VALUE|write another|remove the line to go by/

after(() => {
  const missed = remediesOfSource().filter(
    ([text, pattern]) => !elsewhere.test(text) && !met.some((one) => pattern.test(one)),
  )
  assert.deepEqual(
    missed.map(([text]) => text),
    [],
  )
})
