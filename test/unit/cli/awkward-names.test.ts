// Unusual names that Kafka permits (groups of 5,000 characters, empty names, line ends, escape sequences) in every printed text:
// a row stays one line, columns stay aligned, and no control sequence reaches the terminal.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Failure } from '../../../src/base/failure.ts'
import { readable } from '../../../src/base/readable.ts'
import { failureText } from '../../../src/cli/cli.ts'
import { createLogger } from '../../../src/cli/log-writer.ts'
import { checkText } from '../../../src/cli/output/check-text.ts'
import { noRates } from '../../../src/cli/output/pace.ts'
import { planLines } from '../../../src/cli/output/plan-text.ts'
import { printResult } from '../../../src/cli/output/render.ts'
import { statusLines } from '../../../src/cli/output/status-text.ts'
import { tableLines } from '../../../src/cli/output/table.ts'
import { verifyLines } from '../../../src/cli/output/verify-text.ts'
import { everything } from '../../../src/cli/status/selection.ts'
import { membersText, offsetsText, resetText, stateText } from '../../../src/groups/kafka-text.ts'
import type { Plan } from '../../../src/preflight/plan.ts'
import type { Report } from '../../../src/verify/report.ts'
import { flow } from './scripted.ts'

/** Control and invisible characters. Line ends are excluded, because they separate the lines of a text. */
const unprintable = /(?!\n)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u

const awkward = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    'x'.repeat(5000),
    'a b '.repeat(1250),
    'orders\nFLOW  fine',
    '\r\x1b[2J\x1b[31mred',
    'a\tb',
    '\u009b31m',
    '\u202egnp.exe',
    'zero\u200bwidth',
    '\u2028',
    '注文',
    '\ud800',
    '\0',
  ),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 600 }),
)

const plan = (name: string) =>
  ({
    flow: 'A->B',
    source: { alias: 'A', clusterId: name },
    target: { alias: 'B', clusterId: name },
    topics: [
      {
        ...{ topic: name, targetTopic: `A.${name}`, action: 'conflict', partitions: { source: 1, target: 1 } },
        ...{ records: 1, grow: 1, configs: [{ op: 'set', name, value: name, before: name }] },
        acls: [
          { topic: name, permission: 'ALLOW', operation: 'READ', principal: name, host: name, pattern: 'LITERAL' },
        ],
        ...{ conflicts: [{ what: `about ${name}`, remedy: `do ${name}` }], notes: [`about ${name}`] },
      },
    ],
    skipped: [{ topic: name, why: 'filtered' }],
    internal: [{ name, cluster: 'B', partitions: 1, replicationFactor: 1, exists: false, action: 'create' }],
    acls: [],
    conflicts: [],
    unmatched: [{ key: 'topics', item: name, what: `${name} in topics matches nothing` }],
  }) as unknown as Plan

const report = (name: string) =>
  ({
    flow: 'A->B',
    ...{ depth: 'records', source: { alias: 'A', clusterId: name }, target: { alias: 'B', clusterId: name } },
    ...{ verdict: 'different', records: 1, bytesRead: { source: 1, target: 1 }, digest: '00' },
    ...{ asOf: { from: 'then', to: 'then' }, notes: [`at ${name}`] },
    around: [
      { what: 'group offsets', verdict: 'different', compared: 1, differences: [`at ${name}`], notes: [`at ${name}`] },
    ],
    topics: [
      {
        ...{ topic: name, targetTopic: `A.${name}`, verdict: 'different', partitionCounts: { source: 1, target: 1 } },
        differences: [`at ${name}`],
        partitions: [
          {
            ...{ partition: 0, verdict: 'different', records: 1, notes: [`at ${name}`], failure: `at ${name}` },
            heldBack: { sentences: [`at ${name}`] },
            differences: [
              {
                ...{ kind: 'changed', sentence: name },
                source: { key: { bytes: 1, sha256: '00', text: name }, value: null, timestamp: name, headers: [] },
              },
            ],
          },
        ],
      },
    ],
  }) as unknown as Report

const status = (name: string) => {
  const problem = {
    code: 'TOO_LARGE',
    message: `about ${name}`,
    remedy: `do ${name}`,
    cluster: name,
    topic: name,
    since: 0,
  }
  const task = { task: 'groups', intervalMs: 1, state: 'waiting', runs: 1, failures: 1, lastRun: 0, tookMs: 1 } as const
  const partition = {
    topic: name,
    targetTopic: name,
    partition: 0,
    upstream: 1,
    downstream: 1,
    targetCommitted: 1,
    lag: 1,
  }
  const groups = [
    {
      ...{ group: name, sourceState: name, targetState: name, protocol: 'classic' },
      partitions: [{ ...partition, result: 'untranslated', reason: `at ${name}` }],
    },
  ]
  const periodicTasks = [{ ...task, nextRun: 0, result: 'failed', message: `at ${name}` } as const]
  const topics = [{ topic: name, targetTopic: `A.${name}`, partitions: [] }]
  return [flow({ topics, groups, periodicTasks, problems: [problem], reason: `at ${name}` })]
}

const described = (name: string) => {
  const place = { topic: name, partition: 0 }
  const member = {
    memberId: name,
    clientId: name,
    host: name,
    instanceId: name,
    epoch: 1,
    assignment: [place],
    target: [],
  }
  const row = {
    group: name,
    ...place,
    leaderEpoch: 1,
    committed: 1,
    end: 1,
    lag: 0,
    consumerId: name,
    host: name,
    clientId: name,
  }
  return {
    ...{ group: name, state: 'Stable', assignor: name, coordinator: { id: 1, host: name, port: 1 } },
    ...{ groupEpoch: 1, targetEpoch: 1, members: [member], offsets: [row] },
  }
}

/** Every printed text that can contain a name. */
const texts: Readonly<Record<string, (name: string) => string>> = {
  table: (name) => {
    const columns = ['GROUP', 'TOPIC', 'NOTE'].map((title) => ({ title, alignment: 'left' as const }))
    return tableLines(columns, [
      [name, name, name],
      ['billing', 'orders', ''],
    ]).join('\n')
  },
  check: (name) => {
    const remedies = (['command', 'setting', 'resource', 'advice'] as const).map((kind) => ({
      kind,
      text: `do ${name}`,
    }))
    const what = `about ${name}`
    const finding = {
      severity: 'error',
      check: 'names',
      code: 'topic-name-too-long',
      what,
      why: name,
      remedies,
    } as const
    return checkText([{ flow: 'A->B', clusterIds: {}, findings: [finding], notMade: [{ check: name, why: name }] }])
  },
  plan: (name) => planLines(plan(name), true).join('\n'),
  verify: (name) => verifyLines(report(name)).join('\n'),
  status: (name) => {
    const flows = status(name)
    const view = { rates: noRates, flows, filter: everything, sort: 'lag', view: 'all' } as const
    return statusLines({ at: 1000, answer: { version: '1', startedAt: 0, flows } }, view).join('\n')
  },
  failure: (name) =>
    failureText(new Failure('UNKNOWN_TOPIC', `no ${name}`, { topic: name, group: name, remedy: `do ${name}` })),
  cause: (name) => failureText(new Failure('TLS_FAILED', 'no TLS', { cause: new Error(`because ${name}`) })),
  log: (name) => {
    const lines: string[] = []
    const log = createLogger({ format: 'text', level: 'info', write: (line) => lines.push(line), now: () => 0 })
    log.error(`about ${name}`, { group: name, reason: name })
    return lines.join('\n')
  },
  offsets: (name) => offsetsText(readable(described(name)), true).out,
  members: (name) => membersText(readable(described(name)), true).out,
  state: (name) => stateText(readable(described(name)), true).out,
  reset: (name) => resetText(readable([{ group: name, topic: name, partition: 0, offset: 1 }]), true),
}

const linesOf = (text: string) => text.split('\n')

for (const [what, textOf] of Object.entries(texts)) {
  test(`${what}: a name with any characters and of any length keeps its lines, and steers no terminal`, () => {
    const usual = linesOf(textOf('orders'))
    fc.assert(
      fc.property(awkward, (name) => {
        const text = textOf(name)
        assert.doesNotMatch(text, unprintable)
        const lines = linesOf(text)
        // Only the YAML of a rule may have several lines.
        if (what !== 'check' || !name.includes('\n')) assert.equal(lines.length, usual.length, text.slice(0, 2000))
        // Only commands and settings are printed completely, because they are meant to be typed.
        if (what !== 'check' && what !== 'failure') assert.ok(lines.every((line) => line.length < 20_000))
      }),
      { numRuns: 200 },
    )
  })
}

test('columns of a table start at the same place with and without an unusual name', () => {
  fc.assert(
    fc.property(awkward, (name) => {
      const columns = ['GROUP', 'TOPIC', 'NOTE'].map((title) => ({ title, alignment: 'left' as const }))
      const [head = '', first = '', second = ''] = tableLines(columns, [
        ['billing', 'orders', name],
        ['x', 'payments', 'fine'],
      ])
      assert.equal(head, 'GROUP    TOPIC     NOTE')
      assert.ok(first.startsWith('billing  orders'), first)
      assert.equal(second, 'x        payments  fine')
      const [, row = '', after = ''] = tableLines(columns, [
        [name, 'orders', 'n'],
        ['x', 'payments', 'fine'],
      ])
      assert.ok(after.indexOf('payments') <= 2 + 502, after)
      assert.match(row, / {2}orders {4}n$/)
      // A tool that splits at blanks finds the same columns after an empty name.
      if (name === '') assert.match(row, /^'' +orders/)
    }),
    { numRuns: 300 },
  )
})

test('a shortened name shows both its ends, and JSON has names unchanged', () => {
  const name = `first${'x'.repeat(5000)}last`
  const printed = (output: string) => {
    const out: string[] = []
    const context = { values: { output }, print: (text: string) => void out.push(text) }
    printResult(context as never, { group: `${name}\u001b[2J\n` }, () => `group ${name}\u001b[2J`)
    return out.join('')
  }
  assert.equal((JSON.parse(printed('json')) as { group: string }).group, `${name}\u001b[2J\n`)
  assert.equal(printed('text'), `group ${name}\\x1b[2J`)
  assert.match(
    tableLines(
      [
        { title: 'GROUP', alignment: 'left' },
        { title: 'N', alignment: 'right' },
      ],
      [[name, '1']],
    )[1] ?? '',
    /^firstx+\.\.\.x+last {2}1$/,
  )
})
