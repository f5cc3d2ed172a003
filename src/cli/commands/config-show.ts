// `godwit config show FILE`: the effective settings of a configuration file by MM2's rules, and its problems.
import { failures } from '../../base/failure.ts'
import { describeProblem } from '../../config/problems.ts'
import { describeSettings, shownPairs } from '../../config/show.ts'
import { type Command, type Context, flagOf, textOf } from '../command.ts'
import { formatOf, outputOption, rendered } from '../output/render.ts'
import { readConfiguration, secretsOption } from '../read-configuration.ts'

export const configShow = {
  name: 'config show',
  summary: 'Shows every flow of a configuration file with its effective settings and their origin.',
  usage: 'config show FILE [--secrets-dir DIR] [--output text|json|yaml] [--show-secrets]',
  options: {
    'secrets-dir': secretsOption,
    output: outputOption,
    'show-secrets': { doc: 'Print passwords and keys instead of [secret].' },
  },
  arguments: ['FILE'],
  examples: [
    ['config show mm2.properties', 'effective settings, and the origin of each value'],
    ['config show mm2.yaml --secrets-dir secrets --output json', 'the properties the operator would pass to Connect'],
  ],
  notes: [
    'FILE is an mm2.properties, or YAML with a KafkaMirrorMaker2 of Strimzi or Event Streams.',
    'JSON and YAML contain the pairs of clusters for which MirrorMaker 2 creates connectors, and the properties it gives them (Kafka 4.3), values as written. For a KafkaMirrorMaker2 they are the properties the operator passes to Connect, values from Secrets as references to them.',
    'Problems go to standard error. The exit code is 78 where MirrorMaker 2 would exit, or the operator would reject the resource. A flow with errors of its own is shown, marked as not run, and its errors are reported: `run` starts the others.',
  ],
  run,
} as const satisfies Command

/** Prints the effective settings; gives 0, or 78 for a file that MM2 rejects. @throws Failure CONFIG_INVALID when it cannot be read */
async function run(context: Context): Promise<number> {
  const { positionals, values, environment, print, printError } = context
  const { effective, problems, disabled } = readConfiguration(positionals[0] ?? '', {
    environment,
    secretsDir: textOf(values, 'secrets-dir'),
  })
  for (const problem of problems) printError(describeProblem(problem))
  const withSecrets = flagOf(values, 'show-secrets')
  if (effective !== undefined) {
    const format = formatOf(context)
    print(
      format === 'text'
        ? describeSettings(effective, withSecrets, disabled)
        : rendered(shownPairs(effective, withSecrets), format),
    )
  }
  const isRefused = problems.some(({ severity, stops }) => severity === 'error' && stops === 'process')
  return isRefused ? failures.CONFIG_INVALID.exit : 0
}
