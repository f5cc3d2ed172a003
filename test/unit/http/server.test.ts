import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { test } from 'node:test'
import { Failure } from '../../../src/base/failure.ts'
import { parseAddress } from '../../../src/http/address.ts'
import { fetchStatus } from '../../../src/http/client.ts'
import type { ConnectPort } from '../../../src/http/connect.ts'
import { type HealthAnswer, positionsResetPath, type StatusAnswer } from '../../../src/http/contract.ts'
import { type HttpBackend, HttpServer, isPortInUse } from '../../../src/http/server.ts'
import { eventually } from '../../harness/eventually.ts'
import { ScriptedFlow } from '../worker/scripted-flow.ts'
import { noConnect } from './no-connect.ts'

const anyPort = { host: '127.0.0.1', port: 0 }
const answer: StatusAnswer = { version: '1.2.3', startedAt: 5, flows: [] }

function shown(given: Partial<HttpBackend> = {}): HttpBackend {
  const health: HealthAnswer = { ok: true, reasons: [] }
  return {
    check: () => Promise.resolve(),
    status: () => answer,
    live: () => health,
    ready: () => health,
    connect: noConnect,
    metrics: (accept) => ({
      contentType: `text/plain; accept=${accept}`,
      pieces: [Buffer.from('one 1\n'), Buffer.from('two 2\n')],
    }),
    ...given,
  }
}

/** Listens while `use` runs with the base URL. */
async function serving(
  given: Partial<HttpBackend>,
  use: (url: string, server: HttpServer) => Promise<void>,
): Promise<void> {
  const server = await HttpServer.listen(anyPort, shown(given))
  try {
    await use(`http://${server.address}`, server)
  } finally {
    await server.close()
  }
}

test('the client receives the status unchanged', async () => {
  await serving({}, async (_url, server) => {
    assert.deepEqual(await fetchStatus(parseAddress(server.address)), answer)
  })
})

test('flows with no, few and many groups are received unchanged', async () => {
  const group = (n: number) => ({ group: `g"${n}`, sourceState: '', targetState: '', protocol: '', partitions: [] })
  const flow = {
    flow: 'a->b',
    source: 'a',
    target: 'b',
    state: 'running',
    inSync: true,
    asOf: 1,
    startedAt: 1,
    records: 0,
  } as const
  const rest = { bytes: 0, lag: 0, topics: [], periodicTasks: [], problems: [] }
  const groups = [undefined, [], [group(0)], Array.from({ length: 250 }, (_, n) => group(n))]
  const flows = groups.map((own) => ({ ...flow, ...rest, ...(own && { groups: own }) }))
  await serving({ status: () => ({ ...answer, flows }) }, async (_url, server) => {
    assert.deepEqual(await fetchStatus(parseAddress(server.address)), { ...answer, flows })
  })
})

test('health answers 200 when all is well and 503 with the reasons when not', async () => {
  const ready = () => ({ ok: false, reasons: ['flow old->new is starting: old does not answer'] })
  await serving({ ready }, async (url) => {
    assert.equal((await fetch(`${url}/health/live`)).status, 200)
    const response = await fetch(`${url}/health/ready`)
    assert.equal(response.status, 503)
    assert.deepEqual(await response.json(), ready())
  })
})

test('metrics are written in pieces with the media type chosen by Accept', async () => {
  await serving({}, async (url) => {
    const response = await fetch(`${url}/metrics`, { headers: { accept: 'text/x' } })
    assert.equal(response.headers.get('content-type'), 'text/plain; accept=text/x')
    assert.equal(await response.text(), 'one 1\ntwo 2\n')
  })
})

test('metrics wait for a slow reader without buffering, and end when it disconnects', async () => {
  let produced = 0
  let ended = false
  function* pieces() {
    try {
      for (; produced < 1_000; produced++) yield Buffer.alloc(64 * 1024, 'x')
    } finally {
      ended = true
    }
  }
  await serving({ metrics: () => ({ contentType: 'text/plain', pieces: pieces() }) }, async (_url, server) => {
    const { host, port } = parseAddress(server.address)
    const socket = connect({ host, port })
    socket.write('GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n')
    await once(socket, 'readable')
    assert.ok(produced < 500, `${produced} pieces were made for a reader that takes none`)
    socket.destroy()
    await eventually(
      () => ended,
      (hasEnded) => hasEnded,
    )
    assert.ok(produced < 1_000)
  })
})

test('an unknown path and a wrong method are answered with problem+json', async () => {
  await serving({}, async (url) => {
    for (const [path, method, status] of [
      ['/nowhere', 'GET', 404],
      ['/toString', 'GET', 404],
      ['/metrics', 'POST', 405],
    ] as const) {
      const response = await fetch(url + path, { method })
      assert.equal(response.status, status)
      assert.equal(response.headers.get('content-type'), 'application/problem+json')
      const body = (await response.json()) as { status: number; detail: string }
      assert.equal(body.status, status)
      assert.ok(body.detail.includes(path))
    }
  })
})

test('an internal error while answering becomes a problem+json and leaves the server running', async () => {
  const status = () => {
    throw new Error('no status today')
  }
  await serving({ status }, async (url) => {
    const response = await fetch(`${url}/api/v1/status`)
    assert.equal(response.status, 500)
    assert.match(await response.text(), /no status today/)
    assert.equal((await fetch(`${url}/health/live`)).status, 200)
  })
})

test('HEAD returns only headers', async () => {
  await serving({}, async (url) => {
    const response = await fetch(`${url}/health/ready`, { method: 'HEAD' })
    assert.equal(response.status, 200)
    assert.equal(await response.text(), '')
  })
})

test('a port in use is distinguished from an address that can never be used', async () => {
  await serving({}, async (_url, server) => {
    const taken = await HttpServer.listen(parseAddress(server.address), shown()).catch((error: unknown) => error)
    assert.ok(taken instanceof Failure)
    assert.equal(isPortInUse(taken), true)
    assert.match(taken.message, /port \d+ is in use: another process listens on 127\.0\.0\.1:\d+/)
    assert.match(taken.remedy ?? '', /--http HOST:PORT, or --http off/)
  })
  const foreign = await HttpServer.listen({ host: '192.0.2.1', port: 9099 }, shown()).catch((error: unknown) => error)
  assert.ok(foreign instanceof Failure)
  assert.equal(isPortInUse(foreign), false)
  assert.match(foreign.message, /cannot listen on 192\.0\.2\.1:9099/)
})

test('the client reports it when no server answers, and when a server is not godwit', async () => {
  const other = createServer((_request, response) => response.end('<html>')).listen(0, '127.0.0.1')
  await once(other, 'listening')
  const { port } = other.address() as AddressInfo
  await assert.rejects(fetchStatus({ host: '127.0.0.1', port }), (error: Failure) => {
    assert.equal(error.code, 'USAGE')
    return /is not godwit/.test(error.message)
  })
  other.close()
  other.closeAllConnections()
  await once(other, 'close')
  await assert.rejects(fetchStatus({ host: '127.0.0.1', port }), (error: Failure) => {
    assert.equal(error.code, 'CONNECTION_LOST')
    return /no godwit answers on 127\.0\.0\.1:\d+: connect ECONNREFUSED/.test(error.message)
  })
})

test("Connect's REST is served too: JSON, and no body where Connect has none", async () => {
  const flow = new ScriptedFlow()
  const connect: ConnectPort = {
    ...noConnect,
    flows: () => [flow.status()],
    configOf: (_flow, connector) => ({ name: connector }),
    control: () => flow,
  }
  await serving({ connect }, async (url) => {
    const list = await fetch(`${url}/connectors`)
    assert.equal(list.headers.get('content-type'), 'application/json')
    assert.equal(((await list.json()) as string[])[0], 'MirrorSourceConnector')
    const status = await fetch(`${url}/connectors/old-%3Enew.MirrorSourceConnector/status`)
    const { connector } = (await status.json()) as { connector: { worker_id: string } }
    assert.equal(`http://${connector.worker_id}`, url)
    const paused = await fetch(`${url}/connectors/MirrorSourceConnector/pause`, { method: 'PUT', body: '{}' })
    assert.equal(paused.status, 202)
    assert.equal(await paused.text(), '')
    assert.deepEqual(flow.calls, ['paused MirrorSourceConnector'])
  })
})

test('a page of another site may read, but not pause', async () => {
  const flow = new ScriptedFlow()
  const connect: ConnectPort = {
    ...noConnect,
    flows: () => [flow.status()],
    configOf: () => ({}),
    control: () => flow,
  }
  await serving({ connect }, async (url) => {
    const headers = { origin: 'https://evil.example' }
    const path = `${url}/connectors/old->new.MirrorSourceConnector`
    const refused = await fetch(`${path}/pause`, { method: 'PUT', headers })
    assert.equal(refused.status, 403)
    assert.equal(((await refused.json()) as { error_code: number }).error_code, 403)
    assert.equal((await fetch(`${path}/restart`, { method: 'POST', headers })).status, 403)
    assert.equal((await fetch(`${path}/status`, { headers })).status, 200)
    assert.deepEqual(flow.calls, [])
  })
})

test('the root is JSON for programs and a list of paths for browsers', async () => {
  await serving({}, async (url) => {
    assert.equal(((await (await fetch(url)).json()) as { version: string }).version, '1.2.3')
    const page = await fetch(url, { headers: { accept: 'text/html,*/*' } })
    assert.match(await page.text(), /\/metrics.*\/connectors/)
  })
})

test('POST resets positions with JSON of limited size, for a flow of this process, not from another origin', async () => {
  const flow = new ScriptedFlow()
  const connect: ConnectPort = { ...noConnect, control: (name) => (name === 'old->new' ? flow : undefined) }
  await serving({ connect }, async (url) => {
    const path = url + positionsResetPath('old->new')
    const reset = { targetClusterId: 'K7', topics: [], all: true }
    const post = (to: string, body: string, headers: Record<string, string> = {}) =>
      fetch(to, { method: 'POST', body, headers })
    const problem = async (response: Response) => {
      const { detail, code } = (await response.json()) as { detail: string; code?: string }
      return [response.status, detail, code]
    }
    assert.equal((await fetch(path)).status, 405)
    const foreign = await post(path, '{}', { origin: 'https://evil.example' })
    assert.deepEqual(await problem(foreign), [403, 'requests from other web sites are rejected', undefined])
    assert.deepEqual(await problem(await post(path, 'nonsense')), [400, 'the body is not JSON', undefined])
    assert.deepEqual(await problem(await post(path, '{"topics":5}')), [400, 'topics is not a list', undefined])
    const large = await post(path, 'x'.repeat(17 * 1024 * 1024)).catch(() => 'the connection was ended')
    if (typeof large !== 'string') assert.equal(large.status, 413)
    const other = await post(url + positionsResetPath('a->b'), JSON.stringify(reset))
    assert.deepEqual(await problem(other), [404, 'this process has no flow a->b', 'USAGE'])
    assert.deepEqual(flow.calls, [])

    assert.equal((await post(path, JSON.stringify(reset))).status, 200)
    assert.deepEqual(flow.calls, [`reset ${JSON.stringify(reset)}`])
    flow.resetError = new Failure('STANDBY', 'this process does not work on it', { remedy: 'ask the other' })
    const refused = await post(path, JSON.stringify(reset))
    assert.deepEqual(await problem(refused), [409, 'this process does not work on it', 'STANDBY'])
  })
})
