import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { Failure } from '../../../src/base/failure.ts'
import { type Logger, silentLogger } from '../../../src/base/logger.ts'
import { HttpListener } from '../../../src/http/face.ts'
import type { HttpBackend } from '../../../src/http/server.ts'
import { noConnect } from './no-connect.ts'

const health = { ok: true, reasons: [] }
const shown: HttpBackend = {
  connect: noConnect,
  check: () => Promise.resolve(),
  status: () => ({ version: '1', startedAt: 0, flows: [] }),
  live: () => health,
  ready: () => health,
  metrics: () => ({ contentType: 'text/plain', pieces: [] }),
}

test('a port in use is reported with its remedy, and used as soon as it is free', async () => {
  const holder = createServer().listen(0, '127.0.0.1')
  await once(holder, 'listening')
  const { port } = holder.address() as AddressInfo
  const { promise: listens, resolve } = Promise.withResolvers<unknown>()
  const warnings: unknown[] = []
  const log: Logger = {
    ...silentLogger,
    warn: (message, fields) => void warnings.push([message, fields]),
    info: (_message, { address } = {}) => resolve(address),
  }
  const face = await HttpListener.open({ host: '127.0.0.1', port }, shown, log, 5)
  assert.equal(face.address, undefined)
  assert.equal(warnings.length, 1)
  assert.match(JSON.stringify(warnings), /port is in use.*127\.0\.0\.1:\d+.*--http HOST:PORT, or --http off/)
  holder.close()
  assert.equal(await listens, `127.0.0.1:${port}`)
  assert.equal((await fetch(`http://127.0.0.1:${port}/health/live`)).status, 200)
  await face.close()
  await assert.rejects(fetch(`http://127.0.0.1:${port}/health/live`))
})

test('closing does not wait for a port that stays in use', async () => {
  const holder = createServer().listen(0, '127.0.0.1')
  await once(holder, 'listening')
  const { port } = holder.address() as AddressInfo
  const face = await HttpListener.open({ host: '127.0.0.1', port }, shown, silentLogger, 60_000)
  await face.close()
  holder.close()
})

test('an address of another machine is refused at the start', async () => {
  await assert.rejects(HttpListener.open({ host: '192.0.2.1', port: 9099 }, shown, silentLogger), (error: Failure) => {
    return error instanceof Failure && error.code === 'USAGE'
  })
})
