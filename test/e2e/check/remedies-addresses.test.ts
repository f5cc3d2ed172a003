// Addresses of both clusters: one without a broker, an unreachable advertised address, one cluster under two aliases.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { freePorts, startCluster } from '../../harness/cluster.ts'
import { findingsOf, follow, writeSetting } from './follow.ts'

const [advertised = 0, dead = 0] = await freePorts(2)
const start = (name: string, more = {}) =>
  startCluster({ name, heapMb: 320, configs: { 'auto.create.topics.enable': 'false' }, ...more })
const [source, target] = await Promise.all([start('source'), start('target', { advertised: [advertised] })])
const folder = mkdtempSync(join(tmpdir(), 'godwit-addresses-'))
let door: Server | undefined
after(async () => {
  door?.close()
  await Promise.all([source, target].map((cluster) => cluster[Symbol.asyncDispose]()))
  rmSync(folder, { recursive: true, force: true })
})

const targetPort = Number(target.direct.split(':')[1])
const factors = ['', 'checkpoints.topic.', 'heartbeats.topic.', 'offset-syncs.topic.', 'offset.storage.']

function write(name: string, ...lines: readonly string[]): string {
  const file = join(folder, name)
  const all = ['S->T.enabled = true', 'T->S.emit.heartbeats.enabled = false', 'S->T.topics = .*']
  const replicas = factors.map((factor) => `${factor}replication.factor = 1`)
  writeFileSync(file, ['clusters = S, T', ...lines, ...all, ...replicas, ''].join('\n'))
  return file
}

/** Forwards connections from the advertised address to the broker. */
function openDoor(): Promise<void> {
  door = createServer((client) => {
    const broker = connect(targetPort, '127.0.0.1')
    client.pipe(broker).pipe(client)
    for (const socket of [client, broker]) socket.on('error', () => [client, broker].map((one) => one.destroy()))
  })
  return new Promise((resolve) => door?.listen(advertised, '127.0.0.1', resolve))
}

test('unreachable and wrong addresses are reported, and gone after their remedies are followed', async () => {
  const same = write(
    'same.properties',
    `S.bootstrap.servers = ${source.bootstrap}`,
    `T.bootstrap.servers = ${source.bootstrap}`,
  )
  const [first] = (await findingsOf(same)).filter(({ code }) => code === 'same-cluster')
  assert.match(first?.what ?? '', /^S and T are the same cluster \(id /)
  const file = write(
    'mm2.properties',
    `S.bootstrap.servers = ${source.bootstrap},127.0.0.1:${dead}`,
    `T.bootstrap.servers = ${source.bootstrap}`,
  )
  const found = await follow({
    scene: 'addresses',
    file,
    folder,
    // The source has no topics, and this test needs none.
    isMeant: ({ code }) => code !== 'no-topic-selected',
    manualSteps: {
      'same-cluster': () => writeSetting(file, `T.bootstrap.servers = 127.0.0.1:${targetPort}`),
      'address-unreachable': ({ remedies }) => {
        assert.match(remedies[0]?.text ?? '', /^check S\.bootstrap\.servers/)
        writeSetting(file, `S.bootstrap.servers = ${source.bootstrap}`)
      },
      'advertised-address-unreachable': () => door ?? openDoor(),
    },
  })
  const said = found.map(({ what }) => what).join('\n')
  assert.match(said, new RegExp(`broker 127\\.0\\.0\\.1:${dead} of cluster S cannot be reached`))
  assert.match(said, new RegExp(`broker 127\\.0\\.0\\.1:${advertised} of cluster T cannot be reached`))
})
