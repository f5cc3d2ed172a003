// The copier in Go (bench/rivals/go-copy), built into the user's cache, outside of the checkout.
import { execFile } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Contestant, targetNameOf } from './contestant.ts'

const sources = join(import.meta.dirname, '../rivals/go-copy')
const BUILD_WITHIN_MS = 300_000

/** Builds it (fast if it is up to date) and returns the path of the binary. Throws an Error that names what is missing. */
export async function buildGoCopy(): Promise<string> {
  const { XDG_CACHE_HOME = join(homedir(), '.cache') } = process.env
  const folder = join(XDG_CACHE_HOME, 'godwit', 'bench')
  await mkdir(folder, { recursive: true })
  const binary = join(folder, 'go-copy')
  try {
    await promisify(execFile)('go', ['build', '-o', binary, '.'], { cwd: sources, timeout: BUILD_WITHIN_MS })
  } catch (cause) {
    throw new Error('the Go copier cannot be built: is Go 1.24 or newer installed?', { cause })
  }
  return binary
}

/** The contestant that runs this binary. It copies one topic, so it does not take part in the workload with thousands of partitions. */
export function goCopy(binary: string): Contestant {
  return {
    name: 'Go copier',
    kind: 'rival',
    takes: (kind) => kind !== 'start',
    async launch(assignment) {
      const { source, target, topics, records, workload } = assignment
      const [topic = ''] = topics.keys()
      const endsByItself = workload.kind === 'copy'
      const args = ['-source', source, '-target', target, '-topic', topic, '-out', targetNameOf(assignment, topic)]
      args.push('-compression', workload.codec, ...(endsByItself ? ['-records', `${records}`] : []))
      return { command: binary, args, endsByItself }
    },
  }
}
