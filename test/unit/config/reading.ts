// Loads configurations from text. Files, directories and the environment are given as records.
import { type Loaded, loadConfiguration } from '../../../src/config/load.ts'
import type { Flow } from '../../../src/config/model.ts'
import type { ConfigProblem } from '../../../src/config/problems.ts'

export interface Inputs {
  readonly environment?: Readonly<Record<string, string>>
  /** path -> content */
  readonly files?: Readonly<Record<string, string>>
  readonly clusters?: readonly string[]
}

/** Two clusters without security and the enabled flow a->b. Most tests append lines to it. */
export const base = 'clusters = a, b\na.bootstrap.servers = a:9092\nb.bootstrap.servers = b:9092\na->b.enabled = true\n'

/** The number of the first line after `base`. */
export const next = 5

export function load(text: string, { environment = {}, files = {}, clusters = [] }: Inputs = {}): Loaded {
  return loadConfiguration({
    file: 'mm2.properties',
    bytes: Buffer.from(text, 'latin1'),
    clustersFilter: clusters,
    environment: (name) => (Object.hasOwn(environment, name) ? environment[name] : undefined),
    readFile(path) {
      const content = files[path]
      if (content === undefined) throw new Error(`ENOENT: ${path}`)
      return Buffer.from(content)
    },
    listDirectory(path) {
      const names = Object.keys(files).filter((name) => name.startsWith(`${path}/`))
      if (names.length === 0) throw new Error(`ENOENT: ${path}`)
      return names.map((name) => name.slice(path.length + 1)).filter((name) => !name.includes('/'))
    },
  })
}

/** The only flow of a valid file. */
export function onlyFlow(text: string, inputs: Inputs = {}): Flow {
  const { model, problems } = load(text, inputs)
  const [flow] = model?.flows ?? []
  if (flow === undefined) throw new Error(`no flow: ${JSON.stringify(problems)}`)
  return flow
}

/** The problems of one line, as `severity key reason`. */
export function said(problems: readonly ConfigProblem[], line: number | undefined): string[] {
  return problems
    .filter((problem) => problem.line === line)
    .map(({ severity, key, reason }) => [severity, key, reason].join(' '))
}
