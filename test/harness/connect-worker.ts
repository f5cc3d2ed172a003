// A real Connect worker in distributed mode. Tests compare godwit's REST answers with those of this worker.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestCluster } from './cluster.ts'
import { eventually } from './eventually.ts'
import { guard, guardFolder, release } from './guardian.ts'
import { freePorts } from './ports.ts'

const timeoutMs = 120_000

export interface ConnectWorker extends AsyncDisposable {
  /** address of the REST server */
  readonly url: string
}

/**
 * Starts a worker that keeps its topics on this cluster. Resolves when it answers.
 * @throws AssertionError with its output if it does not answer within two minutes
 */
export async function startConnect(cluster: TestCluster): Promise<ConnectWorker> {
  const [port = 0] = await freePorts(1)
  const folder = mkdtempSync(join(tmpdir(), 'godwit-connect-'))
  guardFolder(folder)
  const storages = ['offset', 'config', 'status'].flatMap((kind) => [
    `${kind}.storage.topic = connect-${kind}`,
    `${kind}.storage.replication.factor = 1`,
  ])
  const bytes = 'org.apache.kafka.connect.converters.ByteArrayConverter'
  const lines = [
    `bootstrap.servers = ${cluster.bootstrap}`,
    'group.id = connect',
    `key.converter = ${bytes}`,
    `value.converter = ${bytes}`,
    'offset.flush.interval.ms = 1000',
    `listeners = http://127.0.0.1:${port}`,
    'plugin.discovery = service_load',
    ...storages,
  ]
  const file = join(folder, 'worker.properties')
  writeFileSync(file, `${lines.join('\n')}\n`)
  const flags = ['-Xmx384m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1']
  const log = '-Dorg.slf4j.simpleLogger.defaultLogLevel=error'
  const main = 'org.apache.kafka.connect.cli.ConnectDistributed'
  const child = spawn('java', [...flags, log, '-cp', `${cluster.jars}/*`, main, file])
  guard(child)
  const said = { text: '' }
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (said.text = (said.text + chunk).slice(-5000)))
  const ended = new Promise((resolve) => child.once('close', resolve))
  const url = `http://127.0.0.1:${port}`
  await eventually(
    async () => {
      assert.equal(child.exitCode, null, `Connect ends while starting: ${said.text}`)
      return (await fetch(`${url}/connectors`).catch(() => undefined))?.ok === true
    },
    (isReady) => isReady,
    timeoutMs,
    () => `Connect does not start: ${said.text}`,
  )
  return {
    url,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await ended
      rmSync(folder, { recursive: true, force: true })
      release(folder)
    },
  }
}
