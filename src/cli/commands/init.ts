// `godwit init`: writes a configuration, from descriptions of two clusters or from an existing MirrorMaker 2.
import { type Command, type Context, flagOf } from '../command.ts'
import { initOptions } from '../init/options.ts'
import { printResult } from '../output/render.ts'

export const initCommand: Command = {
  name: 'init',
  summary:
    'Writes a commented mm2.properties from answers, options, or descriptions by Juju, Kubernetes or MirrorMaker 2.',
  usage:
    'init [--file FILE] [--source DESCRIPTION...] [--target DESCRIPTION...] [--from MM2] [OPTIONS] [--dry-run] [--force]',
  arguments: [],
  options: initOptions,
  examples: [
    ['init', 'asks for the clusters'],
    [
      'init --source-alias old --source old-servers.txt client.properties --target-alias new --target-juju data-integrator/0',
      'from an old cluster to Charmed Kafka',
    ],
    [
      'init --source user.yaml secret.yaml ca.yaml --source-servers broker:9093 --target-servers new:9092',
      'from a cluster of Strimzi or Event Streams',
    ],
    ['init --from mirror-source.properties', 'from a connector file of a standalone Connect'],
    ['init --from http://connect:8083', 'from the connectors of a MirrorMaker 2 on Connect, into one file'],
  ],
  notes: [
    "DESCRIPTION is a file, or - for standard input: the output of 'juju show-unit', 'juju show-secret --reveal' or the action get-credentials, Secrets and KafkaUsers as YAML, a client.properties, or servers, one per line. Several descriptions are combined.",
    'MM2 is an mm2.properties, a KafkaMirrorMaker2 as YAML (with its Secrets in the file, in the same directory, or in --secrets-dir), the URL of a Connect cluster, or the configuration of one of its connectors as .properties or JSON. Passwords come from the descriptions, from a prompt, or from GODWIT_SOURCE_PASSWORD and GODWIT_TARGET_PASSWORD. They are written to a separate file that only its owner can read; the configuration refers to it by a config provider, as for MirrorMaker 2.',
    'Exit codes: 0 written (or shown, with --dry-run), 64 something required is missing, 73 a file already exists, 78 the input has problems.',
  ],
  run,
}

async function run(context: Context): Promise<number> {
  const [{ configurationFiles }, { reviewed, writeAll }] = await Promise.all([
    import('../init/gather.ts'),
    import('../init/write.ts'),
  ])
  const { files, directory } = await configurationFiles(context)
  const isDry = flagOf(context.values, 'dry-run')
  if (!isDry) writeAll(files, directory, flagOf(context.values, 'force'))
  const review = reviewed(files, directory, context.environment)
  const shown = files.map(({ name, mode, text }) => ({
    name,
    mode: mode.toString(8),
    ...(isDry && mode === 0o644 && { text }),
  }))
  const result = { directory, written: !isDry, files: shown, ...review }
  printResult(context, result, () => resultText(result))
  return 0
}

interface Result {
  readonly directory: string
  readonly written: boolean
  readonly files: readonly { readonly name: string; readonly mode: string; readonly text?: string }[]
  readonly flows: readonly string[]
  readonly findings: readonly string[]
}

function resultText({ directory, written, files, flows, findings }: Result): string {
  const [first] = files
  const texts = files.flatMap(({ name, text }) => (text === undefined ? [] : [`==> ${name} <==`, text]))
  return [
    ...texts,
    ...files.map(({ name, mode }) => `${written ? 'wrote' : 'would write'} ${directory}/${name} (${mode})`),
    ...findings,
    `flows: ${flows.join(', ') || 'none yet'}`,
    ...(written ? [`next: godwit check ${directory}/${first?.name ?? ''}`] : []),
  ].join('\n')
}
