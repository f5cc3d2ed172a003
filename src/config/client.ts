// One cluster without a flow: the client.properties that Kafka's tools read with --command-config, and command line options.
import type { ClusterSettings } from '../kafka/cluster-settings.ts'
import { compileCluster } from './compile/cluster.ts'
import { adminDefinition } from './definitions.ts'
import { providersOf, readEntries, resolveEntries } from './dialects/entries.ts'
import type { Outside } from './dialects/providers.ts'
import { type ConfigProblem, Problems, scopedProblems } from './problems.ts'
import type { Entry } from './resolve.ts'

interface ClientInput extends Outside {
  /** name of the cluster in messages */
  readonly alias: string
  /** name of the properties file, for problems; the command line if there is none */
  readonly file: string
  /** a properties file with Kafka's client keys */
  readonly bytes?: Uint8Array
  /** values that override those of the file, each with its option */
  readonly given: readonly { readonly key: string; readonly value: string; readonly option: string }[]
}

/** The connection settings of a cluster, or all problems of the input. Never throws. */
export function loadClient(input: ClientInput): { settings?: ClusterSettings; problems: readonly ConfigProblem[] } {
  const problems = new Problems(input.file)
  const read = input.bytes ? readEntries(input.bytes, input.environment, problems) : new Map<string, Entry>()
  if (read === undefined) return { problems: problems.list }
  const entries = resolveEntries(read, providersOf(read, 'trimmed', input, problems), problems)
  for (const { key, value } of input.given) entries.set(key, { key, written: value, text: value, line: 0 })
  const options = new Map(input.given.map(({ key, option }) => [key, option]))
  const scoped = scopedProblems(problems, entries, {
    flow: input.alias,
    stops: 'process',
    fallbackKey: (key) => options.get(key) ?? key,
  })
  const place = { alias: input.alias, clientId: 'godwit', isPrefixed: true }
  const settings = compileCluster(entries, adminDefinition, place, { readFile: input.readFile, problems: scoped })
  // There is no flow to name: the problems concern one cluster.
  const found = problems.list.map(({ flow: _, ...problem }) => problem)
  return { ...(!problems.hasErrors && { settings }), problems: found }
}
