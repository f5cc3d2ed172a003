// godwit itself, as a user runs it.
import { join } from 'node:path'
import type { Contestant } from './contestant.ts'
import { writeMm2File } from './mm2-file.ts'

const command = join(import.meta.dirname, '../../bin/godwit')

export const godwit: Contestant = {
  name: 'godwit',
  kind: 'godwit',
  takes: () => true,
  async launch(assignment) {
    const endsByItself = assignment.workload.kind === 'copy'
    const file = await writeMm2File(assignment, {})
    const until = endsByItself ? ['--until', 'in-sync'] : []
    return { command, args: ['run', file, ...until, '--http', 'off'], endsByItself }
  },
}
