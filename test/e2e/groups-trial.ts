// The setup for `godwit groups` tests: two clusters with three topics, one copied flow, and three groups on the source.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Ended, godwit } from '../harness/godwit.ts'
import { guardFolder, release } from '../harness/guardian.ts'
import { JavaServer } from '../integration/engine/java-server.ts'
import { Site } from '../integration/engine/site.ts'

export type Offsets = Record<string, number>
export type Rows = { readonly partitions: readonly Record<string, unknown>[] }

/** Timestamp of the first record; later records follow at intervals of one second (ms since the epoch). */
export const epoch = Date.now() - 3_600_000
export const topics = 'orders, turns, refunds'
export const committedOnly = 'SOURCE.consumer.isolation.level = read_committed'

/** Starts the clusters, produces, commits and copies. `close` stops everything. */
export async function startGroups() {
  const [site, groups] = await Promise.all([Site.start(), JavaServer.start('Groups.java')])
  const folder = mkdtempSync(join(tmpdir(), 'godwit-groups-'))
  guardFolder(folder)
  const onSource = <T>(request: Record<string, unknown>) => groups.ask<T>({ on: site.source.bootstrap, ...request })
  const onTarget = <T>(request: Record<string, unknown>) => groups.ask<T>({ on: site.target.bootstrap, ...request })
  /** Writes a file into the folder. @returns its path */
  const written = (name: string, text: string): string => {
    const path = join(folder, name)
    writeFileSync(path, text)
    return path
  }

  await site.create('orders', 2)
  await site.create('turns', 1)
  await site.create('refunds', 1)
  await site.create('private', 1)
  await site.produce('orders', { count: 400, partitions: [0, 1], time: epoch, step: 1000 })
  for (let i = 0; i < 4; i++) {
    await site.onSource({ do: 'begin', id: 'tx' })
    await site.onSource({ do: 'send', id: 'tx', topic: 'turns', partition: 0, count: 10, label: `t${i}` })
    await site.onSource({ do: 'end', id: 'tx', how: i % 2 === 1 ? 'abort' : 'commit' })
  }
  await onSource({ do: 'commit', group: 'billing', offsets: { 'orders-0': 60, 'orders-1': 80, 'private-0': 0 } })
  await onSource({ do: 'commit', group: 'shipping', offsets: { 'orders-0': 200, 'turns-0': 11 } })
  await onSource({ do: 'commit', group: 'idle', offsets: { 'orders-0': 200, 'orders-1': 200 } })
  await site.copyAll('g', topics, committedOnly)
  const file = written('mm2.properties', site.configuration('g', topics, committedOnly))

  return {
    ...{ site, folder, file, written, onSource, onTarget },
    committedOnTarget: (group: string) => onTarget<Offsets>({ do: 'committed', group }),
    groupsOf: (command: string, ...words: string[]): Promise<Ended> => godwit(['groups', command, file, ...words]),
    close: async (): Promise<void> => {
      await Promise.all([site[Symbol.asyncDispose](), groups.close()])
      rmSync(folder, { recursive: true, force: true })
      release(folder)
    },
  }
}

/** Parses the JSON output of a command. */
export async function json<T>(ended: Promise<Ended>): Promise<T> {
  const { out, err, code } = await ended
  assert.ok(out.startsWith('{') || out.startsWith('['), `${code}: ${err}`)
  return JSON.parse(out) as T
}

/** The cells of a table's rows. */
export const cells = (out: string) =>
  out
    .trimEnd()
    .split('\n')
    .slice(2)
    .map((line) => line.trim().split(/ {2,}/))

export function assertRefused({ code, out, err }: Ended, expected: number, ...words: RegExp[]): void {
  assert.equal(code, expected, err)
  assert.equal(out, '')
  for (const word of words) assert.match(err, word)
}
