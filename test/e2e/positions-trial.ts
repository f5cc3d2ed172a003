// The setup for `godwit positions` tests: two clusters, and a folder with the file of a flow.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Ended, godwit } from '../harness/godwit.ts'
import { guardFolder, release } from '../harness/guardian.ts'
import { readOffsets } from '../harness/offsets-oracle.ts'
import { Site } from '../integration/engine/site.ts'

export const soon = 'TARGET.session.timeout.ms = 6000'

/** Starts the clusters. `close` stops them. */
export async function startPositions() {
  const folder = mkdtempSync(join(tmpdir(), 'godwit-positions-'))
  guardFolder(folder)
  const site = await Site.start()
  return {
    site,
    folder,

    /** Writes the file of a flow into the folder where the commands run. */
    fileOf: (alias: string, topics: string, ...lines: readonly string[]): void =>
      writeFileSync(join(folder, 'mm2.properties'), site.configuration(alias, topics, soon, ...lines)),

    show: (...words: string[]) => godwit(['positions', 'show', 'mm2.properties', ...words], { cwd: folder }),
    reset: (...words: string[]) => godwit(['positions', 'reset', 'mm2.properties', ...words], { cwd: folder }),

    /** Runs a command line as printed in a message, with shell quotes. */
    asPrinted: (line: string, ...more: string[]): Promise<Ended> => {
      const words = [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')
      assert.equal(words.shift(), 'godwit')
      return godwit([...words, ...more], { cwd: folder })
    },

    /** What a Connect worker reads from MM2's offsets topic. */
    mm2Offsets: (alias: string, topic: string, ...partitions: number[]): Promise<string[]> => {
      const places = partitions.map((partition) => ({
        ...{ connector: 'MirrorSourceConnector', cluster: `A${alias}`, topic, partition },
      }))
      return readOffsets(site.target.bootstrap, `mm2-offsets.A${alias}.internal`, places)
    },

    /** Keys of the records on the target. */
    keysOf: async (topic: string, partition = 0) =>
      (await site.read(site.target, topic, partition)).map(({ key }) => key),

    close: async (): Promise<void> => {
      await site[Symbol.asyncDispose]()
      rmSync(folder, { recursive: true, force: true })
      release(folder)
    },
  }
}

/** The process has a copy of the file in another folder. Its messages name that copy. */
export const inFolder = (text: string | undefined) => text?.replace(/\S+\/mm2\.properties/, 'mm2.properties') ?? ''
export const commandIn = (remedy: string | undefined) =>
  /godwit positions reset .*? --execute/.exec(inFolder(remedy))?.[0] ?? ''

export function assertDone({ code, out, err }: Ended, ...words: RegExp[]): void {
  assert.equal(code, 0, `${out}\n${err}`)
  for (const word of words) assert.match(`${out}\n${err}`, word)
}

export function assertRefused({ code, out, err }: Ended, expected: number, ...words: RegExp[]): void {
  assert.equal(code, expected, `${out}\n${err}`)
  for (const word of words) assert.match(err, word)
}

/** The cells of a table's rows. */
export const cells = (out: string) =>
  out
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/ {2,}/))

export const numbered = (label: string, from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => `${label}-${from + i}`)
