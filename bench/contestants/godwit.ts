// godwit as installed from the published package; built into the user's cache, outside of the checkout.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { installInto } from '../../publish/build.ts'
import { cacheFolder } from '../../test/harness/kafka-jars.ts'
import type { Contestant } from './contestant.ts'
import { writeMm2File } from './mm2-file.ts'

/** Builds and installs the package; returns the path of the program. Throws an Error when the sources cannot be built. */
export async function buildGodwit(): Promise<string> {
  const folder = join(cacheFolder(), 'bench', 'package')
  rmSync(folder, { recursive: true, force: true })
  return installInto(folder)
}

/** The contestant that runs this program. */
export function godwitAt(program: string): Contestant {
  return {
    name: 'godwit',
    kind: 'godwit',
    takes: () => true,
    async launch(assignment) {
      const endsByItself = assignment.workload.kind === 'copy'
      const file = await writeMm2File(assignment, {})
      const until = endsByItself ? ['--until', 'in-sync'] : []
      return { command: program, args: ['run', file, ...until, '--http', 'off'], endsByItself }
    },
  }
}
