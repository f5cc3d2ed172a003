import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { Failure } from '../../../src/base/failure.ts'
import { type Fields, type Logger, silentLogger } from '../../../src/base/logger.ts'
import { type Serving, serve } from '../../../src/cli/serve.ts'
import { parseAddress } from '../../../src/http/address.ts'
import { fetchStatus } from '../../../src/http/client.ts'
import { Collector } from '../../../src/metrics/collect.ts'
import { Worker } from '../../../src/worker/worker.ts'
import { usuallyExposed } from '../metrics/scraped.ts'
import { ScriptedFlow } from '../worker/scripted-flow.ts'
import { flow as statusOf } from './scripted.ts'

const configOf = () => ({ name: 'MirrorSourceConnector' })

/** Serves scripted flows on a free port. Resolves when it reports its address. */
async function begin(flows: readonly ScriptedFlow[], given: Partial<Serving> = {}) {
  const said: [string, Fields][] = []
  const { promise: listens, resolve } = Promise.withResolvers<string>()
  const info = (message: string, fields: Fields = {}) => {
    said.push([message, fields])
    const { address } = fields
    if (message === 'http listens') resolve(String(address))
  }
  const log: Logger = { ...silentLogger, info }
  const stop = new AbortController()
  const fixed = { address: { host: '127.0.0.1', port: 0 }, until: 'stopped', version: '1.2.3' } as const
  const worker = new Worker(flows, log)
  const exit = serve({
    worker,
    collector: new Collector(),
    exposed: usuallyExposed,
    configOf,
    log,
    signal: stop.signal,
    ...fixed,
    ...given,
  })
  return { exit, stop, said, address: await Promise.race([listens, exit.then(() => 'ended')]) }
}

test('a run serves status, health and metrics of its flows until it is stopped, and ends with 0', async () => {
  const flow = new ScriptedFlow(statusOf({ state: 'starting', reason: 'old does not answer' }))
  const { exit, stop, address, said } = await begin([flow])
  const url = `http://${address}`
  const answer = await fetchStatus(parseAddress(address))
  assert.equal(answer.version, '1.2.3')
  assert.deepEqual(answer.flows, [flow.current])
  const notReady = await fetch(`${url}/health/ready`)
  assert.equal(notReady.status, 503)
  assert.match(await notReady.text(), /flow old->new is starting: old does not answer/)
  flow.becomes({ state: 'running' })
  assert.equal((await fetch(`${url}/health/ready`)).status, 200)
  assert.equal((await fetch(`${url}/health/live`)).status, 200)
  const metrics = await (await fetch(`${url}/metrics`)).text()
  assert.match(metrics, /^kafka_connect_mirror_records_count\{source="old".*\} 0$/m)
  stop.abort()
  assert.equal(await exit, 0)
  await assert.rejects(fetch(url))
  assert.deepEqual(said.at(-1), ['godwit ends', { exit: 0 }])
})

test('a run with a port in use copies without HTTP', async () => {
  const holder = createServer().listen(0, '127.0.0.1')
  await once(holder, 'listening')
  const { port } = holder.address() as AddressInfo
  const flow = new ScriptedFlow({ inSync: true })
  const { exit } = await begin([flow], { address: { host: '127.0.0.1', port }, until: 'in-sync' })
  assert.equal(await exit, 0)
  assert.equal(flow.calls[0], 'start')
  holder.close()
})

test('a run with an address that can never be used starts nothing', async () => {
  const flow = new ScriptedFlow()
  await assert.rejects(begin([flow], { address: { host: '192.0.2.1', port: 9099 } }), (error: Failure) => {
    return error instanceof Failure && error.code === 'USAGE'
  })
  assert.deepEqual(flow.calls, [])
})

test('a run without HTTP ends when all its flows have failed, with the exit code of the failure', async () => {
  const flow = new ScriptedFlow()
  const begun = begin([flow], { address: undefined })
  flow.fail(new Failure('AUTHENTICATION_FAILED', 'old refuses the password'))
  assert.equal(await (await begun).exit, 77)
})
