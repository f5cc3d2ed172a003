// Flows of a configuration file, for tests of the rules that depend on settings.
import { loadConfiguration } from '../../../src/config/load.ts'
import type { Flow } from '../../../src/config/model.ts'

/** All flows of a file with the clusters A and B. @param lines additional lines */
export function flowsOf(...lines: readonly string[]): readonly Flow[] {
  const text = [
    'clusters = A, B',
    'A.bootstrap.servers = a:1',
    'B.bootstrap.servers = b:1',
    'A->B.enabled = true',
    ...lines,
  ]
  const loaded = loadConfiguration({
    file: 'mm2.properties',
    bytes: Buffer.from(text.join('\n')),
    environment: () => undefined,
    readFile: () => {
      throw new Error('nothing is to be read')
    },
    listDirectory: () => [],
  })
  if (!loaded.model) throw new Error(JSON.stringify(loaded.problems))
  return loaded.model.flows
}

/** The flow A->B. */
export function flowOf(...lines: readonly string[]): Flow {
  const flow = flowsOf(...lines).find(({ settings }) => settings.name === 'A->B')
  if (!flow) throw new Error('there is no flow A->B')
  return flow
}
