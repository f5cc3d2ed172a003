// The fault proxy in front of a small server that answers every Kafka frame with its correlation id.
import assert from 'node:assert/strict'
import { connect, type Socket } from 'node:net'
import { test } from 'node:test'
import { eventually } from '../../harness/eventually.ts'
import { FaultProxy } from '../../harness/proxy.ts'
import { ScriptedBroker } from '../../harness/scripted-broker.ts'

const PRODUCE = 0
const METADATA = 3
const deadline = { timeout: 2000 }

async function setUp() {
  const broker = await ScriptedBroker.start()
  for (const kind of [PRODUCE, METADATA]) broker.on(kind, ({ body }) => body)
  const proxy = await FaultProxy.to(broker.port)
  const stack = new AsyncDisposableStack()
  stack.use(broker)
  stack.use(proxy)
  return { broker, proxy, client: new Client(proxy.port), [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

/** Sends frames, and waits for bytes or the end. */
class Client {
  readonly socket: Socket
  #got = Buffer.alloc(0)
  #correlation = 0
  #changed = () => {}
  ended: string | undefined

  constructor(port: number) {
    this.socket = connect({ port, host: '127.0.0.1', noDelay: true })
    this.socket.on('data', (chunk: Buffer) => {
      this.#got = Buffer.concat([this.#got, chunk])
      this.#changed()
    })
    this.socket.on('error', () => {})
    this.socket.on('close', (failed) => {
      this.ended = failed ? 'reset' : 'closed'
      this.#changed()
    })
  }

  send(apiKey: number, bodyBytes: number): void {
    const frame = Buffer.alloc(14 + bodyBytes)
    frame.writeInt32BE(frame.length - 4, 0)
    frame.writeInt16BE(apiKey, 4)
    frame.writeInt32BE(++this.#correlation, 8)
    frame.writeInt16BE(-1, 12)
    this.socket.write(frame)
  }

  /** Waits for so many bytes of answers. */
  async receive(bytes: number): Promise<void> {
    while (this.#got.length < bytes) {
      if (this.ended) throw new Error(`${this.ended} after ${this.#got.length} bytes`)
      await new Promise<void>((resolve) => (this.#changed = resolve))
    }
    assert.equal(this.#got.length, bytes)
  }

  /** Waits for the end of the connection. */
  async end(): Promise<void> {
    while (!this.ended) await new Promise<void>((resolve) => (this.#changed = resolve))
  }

  get received(): number {
    return this.#got.length
  }
}

test('bytes are forwarded both ways and counted, and requests are counted by kind', deadline, async () => {
  await using site = await setUp()
  for (const kind of [METADATA, PRODUCE, PRODUCE]) site.client.send(kind, 10)
  await site.client.receive(3 * 18)
  assert.equal(site.proxy.bytes('requests'), 3 * 24)
  assert.equal(site.proxy.bytes('answers'), 3 * 18)
  assert.deepEqual([site.proxy.requests(PRODUCE), site.proxy.requests(METADATA)], [2, 1])
  assert.deepEqual(site.proxy.connections, { made: 1, open: 1 })
})

test('megabytes are forwarded unchanged with back pressure on both sides', deadline, async () => {
  await using site = await setUp()
  for (let i = 0; i < 8; i++) site.client.send(PRODUCE, 1 << 18)
  await site.client.receive(8 * (8 + (1 << 18)))
  assert.ok(site.broker.requests.every(({ body }) => body.length === 1 << 18))
})

test('a delay is one round trip, and pipelined requests do not add up', deadline, async () => {
  await using site = await setUp()
  site.proxy.delay(200)
  const begin = performance.now()
  for (let i = 0; i < 5; i++) site.client.send(PRODUCE, 0)
  await site.client.receive(5 * 8)
  const took = performance.now() - begin
  assert.ok(took >= 199 && took < 900, `${took} ms`)
})

test('a throttle limits bytes per second over all connections', deadline, async () => {
  await using site = await setUp()
  site.proxy.throttle(100_000, 'requests')
  const other = new Client(site.proxy.port)
  const begin = performance.now()
  for (const client of [site.client, other]) client.send(PRODUCE, 25_000)
  await Promise.all([site.client, other].map((client) => client.receive(25_008)))
  const took = performance.now() - begin
  assert.ok(took >= 490, `${took} ms`)
})

test(
  'a black hole holds all bytes back and closes nothing; after removeFaults all bytes arrive',
  deadline,
  async () => {
    await using site = await setUp()
    site.client.send(PRODUCE, 10)
    await site.client.receive(18)
    site.proxy.blackhole('answers')
    site.client.send(PRODUCE, 10)
    await eventually(
      () => site.broker.requests.length,
      (count) => count >= 2,
    )
    assert.equal(site.client.received, 18)
    site.proxy.blackhole()
    site.client.send(PRODUCE, 10)
    await site.proxy.removeFaults()
    await site.client.receive(3 * 18)
    assert.equal(site.client.ended, undefined)
  },
)

test('cut: every connection is reset', deadline, async () => {
  await using site = await setUp()
  site.client.send(PRODUCE, 10)
  await site.client.receive(18)
  site.proxy.cut()
  await site.client.end()
  assert.equal(site.client.ended, 'reset')
})

test('cutAfter: exactly so many bytes are forwarded', deadline, async () => {
  await using site = await setUp()
  const cut = site.proxy.cutAfter(30, 'answers')
  for (let i = 0; i < 3; i++) site.client.send(PRODUCE, 10)
  await cut
  await assert.rejects(site.client.receive(3 * 18), /after 30 bytes/)
})

test('cutAtRequest before: the broker never gets the complete request', deadline, async () => {
  await using site = await setUp()
  const cut = site.proxy.cutAtRequest(PRODUCE, 'before')
  site.client.send(METADATA, 10)
  await site.client.receive(18)
  site.client.send(PRODUCE, 1000)
  await cut
  assert.equal(site.broker.asked(PRODUCE).length, 0)
})

test(
  'cutAtRequest middle: half of it reaches the broker, and only the connection of the request ends',
  deadline,
  async () => {
    await using site = await setUp()
    const other = new Client(site.proxy.port)
    other.send(METADATA, 0)
    await other.receive(8)
    const before = site.proxy.bytes('requests')
    const cut = site.proxy.cutAtRequest(PRODUCE, 'middle')
    site.client.send(PRODUCE, 986)
    await cut
    assert.equal(site.proxy.bytes('requests') - before, 500)
    assert.equal(site.broker.asked(PRODUCE).length, 0)
    other.send(METADATA, 0)
    await other.receive(16)
  },
)

test(
  'cutAtRequest answered: the broker has it, the client gets only answers to earlier requests',
  deadline,
  async () => {
    await using site = await setUp()
    const cut = site.proxy.cutAtRequest(PRODUCE, 'answered')
    site.client.send(METADATA, 10)
    site.client.send(PRODUCE, 10)
    await cut
    await assert.rejects(site.client.receive(2 * 18), /after 18 bytes/)
    assert.equal(site.broker.asked(PRODUCE).length, 1)
  },
)

test('refuse: no connection is accepted until removeFaults', deadline, async () => {
  await using site = await setUp()
  site.proxy.refuse()
  const late = new Client(site.proxy.port)
  await late.end()
  assert.equal(late.received, 0)
  await site.proxy.removeFaults()
  const next = new Client(site.proxy.port)
  next.send(METADATA, 0)
  await next.receive(8)
})

test('the end of one side is forwarded to the other', deadline, async () => {
  await using site = await setUp()
  site.client.send(METADATA, 10)
  await site.client.receive(18)
  site.client.socket.end()
  await site.client.end()
  await eventually(
    () => site.proxy.connections,
    ({ open }) => open === 0,
  )
})
