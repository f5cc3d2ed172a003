// `godwit run` and `godwit status` as an operator uses them: bin/godwit as child processes, first without a reachable cluster,
// then between two real clusters.
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, type TestContext, test } from 'node:test'
import { parseAddress } from '../../src/http/address.ts'
import { fetchStatus } from '../../src/http/client.ts'
import type { FlowStatus } from '../../src/model/flow-status.ts'
import { freePorts, startCluster, type TestCluster } from '../harness/cluster.ts'
import { eventually } from '../harness/eventually.ts'
import { runKafkaTool } from '../harness/java.ts'
import { NEWEST } from '../harness/kafka-jars.ts'

const program = join(import.meta.dirname, '../../bin/godwit')
const timeoutMs = 60_000

let folder = ''
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'godwit-e2e-'))
})
after(() => rmSync(folder, { recursive: true, force: true }))

class Godwit {
  readonly #child: ChildProcess
  readonly #closed: Promise<unknown>
  out = ''
  err = ''

  constructor(t: TestContext, ...words: string[]) {
    this.#child = spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'] })
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.out += text
    })
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.err += text
    })
    this.#closed = once(this.#child, 'close')
    t.after(() => this.#child.kill('SIGKILL'))
  }

  /** The exit code, or the name of the signal that ended it. */
  async exit(): Promise<number | string> {
    await this.#closed
    return this.#child.exitCode ?? this.#child.signalCode ?? 'none'
  }

  /** Sends SIGTERM. @returns the exit code */
  stop(): Promise<number | string> {
    this.#child.kill('SIGTERM')
    return this.exit()
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** The log lines with this message. */
  said(message: string): Record<string, unknown>[] {
    const entries = this.err.split('\n').flatMap((line) => {
      return line.startsWith('{') && line.endsWith('}') ? [JSON.parse(line) as Record<string, unknown>] : []
    })
    return entries.filter((entry) => entry['message'] === message)
  }

  says(message: string): Promise<Record<string, unknown>> {
    return eventually(
      () => this.said(message)[0],
      (entry) => entry !== undefined,
      timeoutMs,
      () => `"${message}" was not said in:\n${this.err}`,
    )
  }
}

/** Runs a command until it ends. */
async function ended(t: TestContext, ...words: string[]): Promise<{ code: number | string; out: string; err: string }> {
  const godwit = new Godwit(t, ...words)
  const code = await godwit.exit()
  return { code, out: godwit.out, err: godwit.err }
}

/** The flow's status at `address`, once `holds` is true for it. */
async function flowAt(address: string, holds: (flow: FlowStatus) => boolean): Promise<FlowStatus> {
  const ask = () => fetchStatus(parseAddress(address)).catch((error: unknown) => error as Error)
  const { flow } = await eventually(
    async () => {
      const answer = await ask()
      return answer instanceof Error ? { silence: answer.message } : { flow: answer.flows[0] }
    },
    (seen): seen is { flow: FlowStatus } => 'flow' in seen && seen.flow !== undefined && holds(seen.flow),
    timeoutMs,
  )
  return flow
}

function propertiesFile(name: string, old: string, fresh: string): string {
  const file = join(folder, name)
  const lines = [
    'clusters = old, new',
    `old.bootstrap.servers = ${old}`,
    `new.bootstrap.servers = ${fresh}`,
    'old->new.enabled = true',
    'old->new.topics = orders.*',
    'new->old.enabled = false',
    'replication.factor = 1',
    'offset.storage.replication.factor = 1',
    'offset-syncs.topic.replication.factor = 1',
    'checkpoints.topic.replication.factor = 1',
    'heartbeats.topic.replication.factor = 1',
    'old->new.heartbeats.replication.enabled = false',
    'config.storage.replication.factor = 1',
    'status.storage.replication.factor = 1',
    'refresh.topics.interval.seconds = 1',
  ]
  writeFileSync(file, `${lines.join('\n')}\n`)
  return file
}

async function freeAddress(): Promise<string> {
  const [port] = await freePorts(1)
  return `127.0.0.1:${port}`
}

describe('without a reachable cluster', () => {
  test('an invalid command line or file gives one message without a stack trace, and an exit code', async (t) => {
    const [missing, unknown, nobody] = await Promise.all([
      ended(t, 'run', join(folder, 'nowhere.properties')),
      ended(t, 'rnu', 'x'),
      ended(t, 'status', '--http', await freeAddress()),
    ])
    assert.deepEqual([missing.code, unknown.code, nobody.code], [78, 64, 69])
    assert.match(
      missing.err,
      /^godwit: .*nowhere\.properties: the configuration cannot be read: there is no such file\n/,
    )
    assert.match(unknown.err, /^godwit: there is no command 'rnu'; did you mean 'run'\?\n/)
    assert.match(nobody.err, /^godwit: no godwit answers on 127\.0\.0\.1:\d+: connect ECONNREFUSED/)
    for (const { err, out } of [missing, unknown, nobody]) {
      assert.match(err, /\n {2}remedy: /)
      assert.doesNotMatch(err, /\n\s+at /)
      assert.equal(out, '')
    }
  })

  test('a reader that closes the pipe before the end of the output is not an error', async (t) => {
    const shell = spawn('sh', ['-c', `"${program}" --help | true`], { stdio: ['ignore', 'ignore', 'pipe'] })
    t.after(() => shell.kill('SIGKILL'))
    let err = ''
    shell.stderr.setEncoding('utf8').on('data', (text: string) => {
      err += text
    })
    await once(shell, 'close')
    assert.equal(err, '')
  })

  test('a run waits for its clusters and logs it; a second one starts without its port and takes it later', async (t) => {
    const [old, fresh, address] = await Promise.all([freeAddress(), freeAddress(), freeAddress()])
    const file = propertiesFile('unreachable.properties', old, fresh)
    const first = new Godwit(t, 'run', file, '--http', address)
    const waiting = await flowAt(address, (flow) => flow.reason !== undefined)
    assert.equal(waiting.state, 'starting')
    const ready = await fetch(`http://${address}/health/ready`)
    assert.equal(ready.status, 503)
    assert.match(await ready.text(), /flow old->new is starting: /)
    assert.equal((await fetch(`http://${address}/health/live`)).status, 200)

    const second = new Godwit(t, 'run', file, '--http', address)
    const warning = await second.says(
      'http port is in use; copying continues without metrics and status until it is free',
    )
    assert.match(String(warning['remedy']), /--http HOST:PORT/)
    assert.equal(await first.stop(), 0)
    assert.equal((await second.says('http listens'))['address'], address)
    assert.equal(await second.stop(), 0)
  })
})

describe('between two clusters', { timeout: 600_000 }, () => {
  let old: TestCluster
  let fresh: TestCluster
  let file = ''
  before(async () => {
    const options = { heapMb: 256, configs: { 'num.partitions': '3' } }
    ;[old, fresh] = await Promise.all([
      startCluster({ ...options, name: 'old' }),
      startCluster({ ...options, name: 'new' }),
    ])
    file = propertiesFile('mm2.properties', old.bootstrap, fresh.bootstrap)
    await produce(1, 300)
  })
  after(() => Promise.all([old.destroy(), fresh.destroy()]))

  async function produce(from: number, to: number): Promise<void> {
    const stdin = Array.from({ length: to - from + 1 }, (_, i) => `order ${from + i}\n`).join('')
    const args = ['--bootstrap-server', old.bootstrap, '--topic', 'orders', '--batch-size', '500']
    const tool = 'org.apache.kafka.tools.ConsoleProducer'
    const { code, stderr } = await runKafkaTool(tool, args, { stdin, version: NEWEST })
    assert.equal(code, 0, stderr)
  }

  /** Everything on the target as Java's consumer reads it. It waits some time for records that should not be there. */
  async function arrived(): Promise<string[]> {
    const args = [
      '--bootstrap-server',
      fresh.bootstrap,
      '--topic',
      'old.orders',
      '--from-beginning',
      '--timeout-ms',
      '5000',
    ]
    const { stdout } = await runKafkaTool('org.apache.kafka.tools.consumer.ConsoleConsumer', args)
    return stdout.split('\n').filter((line) => line !== '')
  }

  const orders = (to: number) => Array.from({ length: to }, (_, i) => `order ${i + 1}`).sort()

  test('until in-sync, a run exits with 0 once everything that was on the source at its start is copied', async (t) => {
    const { code, err } = await ended(t, 'run', file, '--until', 'in-sync', '--http', 'off')
    assert.equal(code, 0, err)
    assert.deepEqual((await arrived()).sort(), orders(300))
  })

  test('a run copies, serves its status, hands over to a standby process, and exits on SIGTERM with 0', async (t) => {
    const [here, there] = await Promise.all([freeAddress(), freeAddress()])
    const first = new Godwit(t, 'run', file, '--http', here)
    await flowAt(here, (flow) => flow.inSync)
    assert.equal((await fetch(`http://${here}/health/ready`)).status, 200)
    await produce(301, 350)
    // A partition that the earlier run left empty is copied only after its end offset was stable for some time.
    const isAllCopying = ({ topics }: FlowStatus) =>
      topics.every(({ partitions }) => partitions.every(({ state }) => state === 'copying'))
    const flow = await flowAt(here, (now) => now.records === 50 && now.lag === 0 && isAllCopying(now))
    assert.deepEqual(flow.problems, [])

    const shown = await ended(t, 'status', '--http', here)
    assert.equal(shown.code, 0)
    assert.match(shown.out, /old->new {2}in sync {2}\(/)
    assert.match(shown.out, /orders -> old\.orders +3 +50 .* done +copying/)
    const asJson = await ended(t, 'status', '--output', 'json', '--http', here)
    assert.equal((JSON.parse(asJson.out) as { flows: FlowStatus[] }).flows[0]?.records, 50)
    await seesMetrics(here)

    const second = new Godwit(t, 'run', file, '--http', there)
    const standby = await flowAt(there, ({ state }) => state === 'standby')
    assert.ok(standby.reason, 'a standby process names the reason')
    assert.equal((await fetch(`http://${there}/health/ready`)).status, 200)
    assert.equal(await first.stop(), 0, first.err)
    await flowAt(there, ({ state, inSync }) => state === 'running' && inSync)
    await produce(351, 360)
    await flowAt(there, ({ records, lag }) => records === 10 && lag === 0)
    assert.equal(await second.stop(), 0, second.err)
    assert.deepEqual((await arrived()).sort(), orders(360))
  })

  async function seesMetrics(address: string): Promise<void> {
    const text = await (await fetch(`http://${address}/metrics`)).text()
    const values = (name: string) =>
      text.split('\n').flatMap((line) => (line.startsWith(`${name}{`) ? [Number(line.split(' ').at(-1))] : []))
    const total = (name: string) => values(name).reduce((sum, value) => sum + value, 0)
    assert.equal(values('kafka_connect_mirror_mirrorsourceconnector_record_count').length, 3)
    assert.equal(total('kafka_connect_mirror_mirrorsourceconnector_record_count'), 50)
    assert.equal(total('kafka_connect_mirror_records_count'), 50)
    assert.ok(total('kafka_connect_mirror_mirrorsourceconnector_byte_count') > 50 * 'order 1'.length)
    assert.equal(total('godwit_replication_lag_records'), 0)
    assert.deepEqual(values('godwit_flow_in_sync'), [1])
  }

  test('a second signal ends a run at once', async (t) => {
    const address = await freeAddress()
    const godwit = new Godwit(t, 'run', file, '--http', address)
    await flowAt(address, ({ state }) => state === 'running')
    // godwit waits for answers of the target before it ends. A frozen target gives none, so that only a second signal ends it.
    fresh.broker.freeze(true)
    t.after(() => fresh.broker.freeze(false))
    godwit.kill('SIGTERM')
    await flowAt(address, ({ state }) => state === 'draining')
    godwit.kill('SIGTERM')
    assert.equal(await godwit.exit(), 143)
  })
})
