// `godwit status` and `godwit lag` between two real clusters: as text, as JSON and YAML, and full-screen on a real pseudo
// terminal.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { startCluster, type TestCluster } from '../harness/cluster.ts'
import { godwit } from '../harness/godwit.ts'
import { runKafkaTool } from '../harness/java.ts'
import { load } from '../harness/load.ts'
import { freePorts } from '../harness/ports.ts'
import { PseudoTerminal, type TerminalOptions, terminalMissing } from '../harness/terminal.ts'
import { GodwitProcess } from '../integration/engine/godwit-process.ts'

const program = join(import.meta.dirname, '../../bin/godwit')
const topics = ['orders', 'payments', 'receipts']

describe('a flow of three topics', { timeout: 300_000 }, () => {
  let [folder, file] = ['', '']
  let old: TestCluster
  let fresh: TestCluster
  let running: GodwitProcess
  let configuration = ''
  /** the next record number of each partition */
  let next = 0

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'godwit-status-'))
    const options = { heapMb: 256, configs: { 'auto.create.topics.enable': 'false' } }
    ;[old, fresh] = await Promise.all([
      startCluster({ ...options, name: 'old' }),
      startCluster({ ...options, name: 'new' }),
    ])
    configuration = [
      'clusters = old, new',
      `old.bootstrap.servers = ${old.bootstrap}`,
      `new.bootstrap.servers = ${fresh.bootstrap}`,
      'old->new.enabled = true',
      `old->new.topics = ${topics.join(', ')}`,
      'replication.policy.class = org.apache.kafka.connect.mirror.IdentityReplicationPolicy',
      ...['', 'offset.storage.', 'offset-syncs.topic.', 'checkpoints.topic.', 'heartbeats.topic.'].map(
        (what) => `${what}replication.factor = 1`,
      ),
      'emit.heartbeats.enabled = false',
    ].join('\n')
    file = join(folder, 'mm2.properties')
    writeFileSync(file, configuration)
    await produce(300)
    running = await GodwitProcess.start(configuration)
    await running.until('in sync', ({ inSync, lag }) => inSync && lag === 0)
  })
  after(async () => {
    await running?.[Symbol.asyncDispose]()
    await Promise.all([old?.destroy(), fresh?.destroy()])
    rmSync(folder, { recursive: true, force: true })
  })

  /** Produces this many records, the same number in each topic. Each topic has two partitions. */
  async function produce(records: number): Promise<void> {
    await load(old, { topics, partitions: 2, records, first: next })
    next += records / topics.length / 2
  }

  const ask = (...words: string[]) => godwit([...words, '--http', running.address])

  test('text, JSON and YAML show the same values, and only terminals get colours', async () => {
    const [all, partitions, json, yaml] = await Promise.all([
      ask('status'),
      ask('status', '--view', 'partitions', '--filter', '^orders', '--sort', 'name'),
      ask('status', '--output', 'json', '--sort', 'name'),
      ask('status', '--output', 'yaml', '--flow', 'old->new', '--filter', 'payments'),
    ])
    assert.deepEqual([all.code, partitions.code, json.code, yaml.code], [0, 0, 0, 0], all.err + json.err + yaml.err)
    assert.match(all.out, /^old->new {2}in sync {2}\(300 records, [\d.]+ kB, lag 0\)$/m)
    assert.match(all.out, /^ {2}orders +2 +100 +[\d.]+ kB +0\/s 0 B\/s +0 +0s +done +copying$/m)
    assert.match(all.out, /^ {2}topics +[\d.sm ]+ ago +in .* 3 topics/m)
    assert.ok(!all.out.includes('\u001b'))
    assert.match(partitions.out, /^ {2}orders +0 +50 +50 +50 .*\n {2}orders +1 +50 +50 +50 .*\n$/m)
    const { flows } = JSON.parse(json.out) as { flows: Record<string, unknown>[] }
    const [flow] = flows
    assert.ok(flow)
    assert.deepEqual([flow['flow'], flow['phase'], flow['lag'], flow['lagMs']], ['old->new', 'in sync', 0, 0])
    const named = (flow['topics'] as { topic: string; records: number; etaMs: number }[]).map((one) => [
      ...[one.topic, one.records, one.etaMs],
    ])
    assert.deepEqual(named, [
      ['orders', 100, 0],
      ['payments', 100, 0],
      ['receipts', 100, 0],
    ])
    assert.match(yaml.out, /^ {4}phase: in sync$/m)
    assert.deepEqual(yaml.out.match(/topic: \w+/g), ['topic: payments'])
  })

  test('unknown names are refused with the existing ones, and without a running godwit the exit code is 69', async () => {
    const [port = 0] = await freePorts(1)
    const [flow, order, filter, nobody, nolag, topic] = await Promise.all([
      ask('status', '--flow', 'odl->new'),
      ask('status', '--sort', 'lga'),
      ask('status', '--filter', '('),
      godwit(['status', '--http', `127.0.0.1:${port}`]),
      godwit(['lag', '--http', `127.0.0.1:${port}`]),
      ask('lag', '--topic', 'oders'),
    ])
    assert.deepEqual(
      [flow, order, filter, nobody, nolag, topic].map(({ code }) => code),
      [64, 64, 64, 69, 69, 64],
    )
    assert.match(flow.err, /there is no flow odl->new; did you mean old->new\?\n {2}remedy: there is old->new/)
    assert.match(order.err, /--sort is one of lag, name, .*; did you mean lag\?/)
    assert.match(filter.err, /'\(' is not a regular expression/)
    assert.match(nobody.err, /no godwit answers on/)
    assert.match(topic.err, /no topic matches oders\n {2}remedy: there are orders, payments, receipts/)
  })

  test('lag exits with 0 within the limit and 2 above it, from a running godwit or from stored positions', async () => {
    const synced = await ask('lag', '--fail-above', '0', '--seconds', '0')
    assert.deepEqual([synced.code, synced.out.match(/^fine {5}old->new {2}\w+ +lag=0 seconds=0$/gm)?.length], [0, 3])
    const connector = `http://${running.address}/connectors/MirrorSourceConnector`
    await fetch(`${connector}/pause`, { method: 'PUT' })
    await running.until('halted', ({ halted }) => halted?.MirrorSourceConnector === 'paused')
    await produce(60)
    await running.until('the ends of the source are known', ({ lag }) => lag === 60)
    const [within, above, one, json, phase] = await Promise.all([
      ask('lag', '--fail-above', '20'),
      ask('lag', '--fail-above', '19'),
      ask('lag', '--fail-above', '19', '--topic', '^payments$'),
      ask('lag', '--fail-above', '19', '--output', 'json'),
      ask('status'),
    ])
    assert.deepEqual([within.code, above.code, one.code, json.code], [0, 2, 2, 2])
    assert.match(above.out, /^above {4}old->new {2}orders {4}lag=20 seconds=/m)
    assert.equal(one.out.split('\n').length, 2)
    const value = JSON.parse(json.out) as { within: boolean; limit: unknown; lags: { result: string }[] }
    assert.deepEqual([value.within, value.limit], [false, { records: 19, seconds: null }])
    assert.match(phase.out, /^old->new {2}halted, MirrorSourceConnector paused/m)
    const [stored, strict, aged] = await Promise.all([
      godwit(['lag', file, '--fail-above', '20']),
      godwit(['lag', file, '--fail-above', '19', '--topic', 'orders']),
      godwit(['lag', file, '--seconds', '5']),
    ])
    assert.equal(stored.code, 0, stored.err)
    assert.deepEqual(stored.out.match(/^fine {5}old->new {2}\w+ +lag=20$/gm)?.length, 3, stored.out)
    assert.deepEqual([strict.code, aged.code], [2, 64])
    assert.match(aged.err, /--seconds needs a running godwit/)
    await fetch(`${connector}/resume`, { method: 'PUT' })
    await running.until('in sync again', ({ lag, halted }) => lag === 0 && !halted?.MirrorSourceConnector)
  })

  test('the lag of a flow that never ran is the whole source, and the command creates nothing on the target', async () => {
    const other = join(folder, 'other.properties')
    writeFileSync(other, configuration.replaceAll('old', 'elsewhere'))
    const { code, out, err } = await godwit(['lag', other, '--fail-above', '0'])
    assert.equal(code, 2, err)
    assert.equal(
      out.match(/^above +elsewhere->new +\w+ +lag=120 copying of partition 0 has not started$/gm)?.length,
      3,
      out,
    )
    const list = ['--bootstrap-server', fresh.bootstrap, '--list']
    const { stdout } = await runKafkaTool('org.apache.kafka.tools.TopicCommand', list)
    assert.match(stdout, /^mm2-offsets\.old\.internal$/m)
    assert.doesNotMatch(stdout, /elsewhere/)
  })

  const skip = terminalMissing()
  const watch = (given: Partial<TerminalOptions> = {}, ...words: string[]) =>
    PseudoTerminal.start(program, ['status', '--watch', '--http', running.address, ...words], {
      ...{ rows: 24, columns: 80, ...given },
    })

  test('on a terminal keys select the view, a resize fills the new size, and q restores the terminal', {
    skip,
  }, async () => {
    await using terminal = watch()
    await terminal.until(/\[1 topics 3\][\s\S]*orders +0 +- +done +0 {2}copying[\s\S]*1-3 of 3 topics, by lag/)
    assert.match(terminal.text, /old->new +in sync/)
    assert.ok(terminal.written.includes('\u001b[32min sync'))
    terminal.type('2')
    await terminal.until(/\[2 partitions 6\][\s\S]*1-6 of 6 partitions/)
    terminal.type('\t\t')
    await terminal.until(/\[4 tasks \d\][\s\S]*topics +[\d.sm ]+ ago +in .* 3 topics/)
    terminal.type('1s/pay')
    await terminal.until(/TOPIC▼[\s\S]*payments[\s\S]*\/pay_ +1 of 3 topics/)
    assert.doesNotMatch(terminal.text, /receipts/)
    terminal.type('\r')
    await terminal.until(/1-1 of 1 topic, by name, filter pay/)
    terminal.type('\u001b')
    await terminal.until(/1-3 of 3 topics, by name/)
    terminal.type('?')
    await terminal.until(/Ctrl-C +quit; does not stop godwit/)
    terminal.type('?')
    await terminal.resize({ rows: 50, columns: 200 })
    await terminal.until(/BYTES\/S +RECORDS +BYTES {2}STATE[\s\S]*1-3 of 3 topics/)
    await terminal.resize({ rows: 10, columns: 60 })
    await terminal.until(/1-3 of 3 topics/)
    terminal.type('q')
    assert.equal(await terminal.ended(), 0)
  })

  test('Ctrl-C, SIGTERM and an internal error restore the terminal too, and the error can be read', {
    skip,
  }, async () => {
    await using interrupted = watch()
    await interrupted.until(/old->new/)
    interrupted.type('\u0003')
    assert.equal(await interrupted.ended(), 0)
    await using terminated = watch()
    await terminated.until(/old->new/)
    await terminated.signal('SIGTERM')
    assert.equal(await terminated.ended(), 0)
    const planted = `data:text/javascript,process.on('SIGUSR2',()=>{throw new Error('planted')})`
    await using broken = watch({ environment: { NODE_OPTIONS: `--import="${planted}"` } })
    await broken.until(/old->new/)
    await broken.signal('SIGUSR2')
    assert.equal(await broken.ended(), 70)
    const left = broken.written.indexOf('\u001b[?1049l')
    assert.ok(left > 0 && broken.written.indexOf('this is a bug in godwit') > left)
  })

  test('with NO_COLOR and a terminal without UTF-8 the output is ASCII without colours', { skip }, async () => {
    await using terminal = watch({ environment: { NO_COLOR: '1', LANG: 'C' } })
    await terminal.until(/LAG\*[\s\S]*by lag/)
    assert.ok(!/[^\p{ASCII}]|\[[\d;]*m/u.test(terminal.written))
    terminal.type('q')
    assert.equal(await terminal.ended(), 0)
  })

  test('while godwit is stopped the last numbers stay with their age, and later it is found again', {
    skip,
  }, async () => {
    const [port = 0] = await freePorts(1)
    const address = `127.0.0.1:${port}`
    const words = ['status', '--watch', '--http', address]
    await using terminal = PseudoTerminal.start(program, words, { rows: 24, columns: 80 })
    await terminal.until(/NO ANSWER for \d+s[\s\S]*! no godwit answers on[\s\S]*remedy: is 'godwit run' running/)
    await using second = await GodwitProcess.start(configuration, '--http', address)
    await terminal.until(/old->new +standby[\s\S]*no periodic task|old->new +standby[\s\S]*no topic yet/)
    await second.stop()
    await terminal.until(/NO ANSWER for \d+s - numbers of [\d:]+, \d+s old[\s\S]*old->new +standby/)
    terminal.type('q')
    assert.equal(await terminal.ended(), 0)
  })
})
