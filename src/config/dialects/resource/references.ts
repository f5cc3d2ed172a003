// `${provider:...}` in the config of a resource: the operator's own providers, and those declared in the target's config.
import { Failure } from '../../../base/failure.ts'
import type { Problems } from '../../problems.ts'
import type { Entries, Entry } from '../../resolve.ts'
import {
  declareProviders,
  hasReference,
  type Outside,
  type Provider,
  ProviderError,
  type Providers,
  resolveReferences,
} from '../providers.ts'
import { type HolderKind, SecretError, type Secrets } from './secrets.ts'

const packages = { kafka: 'org.apache.kafka.common.config.provider.', strimzi: 'io.strimzi.kafka.' } as const

/** Providers that the operator declares itself, with their classes. */
const builtIn: Readonly<Record<string, string>> = {
  strimzienv: `${packages.kafka}EnvVarConfigProvider`,
  strimzifile: `${packages.kafka}FileConfigProvider`,
  strimzidir: `${packages.kafka}DirectoryConfigProvider`,
  strimzisecrets: `${packages.strimzi}KubernetesSecretConfigProvider`,
}

/** What the providers of a resource read, and where their problems are added. */
interface ProviderInput {
  readonly namespace: string
  readonly secrets: Secrets
  readonly problems: Problems
}

/** The providers of a resource. An invalid declaration is a problem, and only the operator's own providers remain. */
export function resourceProviders(worker: Entries, outside: Outside, input: ProviderInput): Providers {
  const declare = (names: readonly string[], declared: readonly (readonly [string, string])[]) =>
    declareProviders(
      new Map([...declared, ...builtInClasses, ['config.providers', names.join(',')]]),
      'trimmed',
      outside,
      kubernetesProviders(input),
    )
  const builtInNames = Object.keys(builtIn)
  const declaredNames = worker.get('config.providers')?.text ?? ''
  try {
    return declare([...(declaredNames === '' ? [] : [declaredNames]), ...builtInNames], withKafkaClasses(worker))
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error
    const entry = worker.get(error.key ?? 'config.providers')
    const remedy = "use Kafka's file, directory and environment providers, or Strimzi's for Secrets and ConfigMaps"
    if (entry) input.problems.about('error', entry, `: ${error.message}`, remedy, { stops: 'flow' })
    return declare(builtInNames, [])
  }
}

const builtInClasses = Object.entries(builtIn).map(
  ([name, className]) => [`config.providers.${name}.class`, className] as const,
)

/** The texts of the worker, with Strimzi's environment provider replaced by Kafka's. */
const withKafkaClasses = (worker: Entries): (readonly [string, string])[] =>
  [...worker].map(([key, { text }]) => [key, text.replace(`${packages.strimzi}EnvVar`, `${packages.kafka}EnvVar`)])

/** Strimzi's providers, which read Secrets and ConfigMaps of a namespace: `name` or `namespace/name`. */
function kubernetesProviders({ namespace, secrets }: ProviderInput): Readonly<Record<string, Provider>> {
  const provider =
    (kind: HolderKind): Provider =>
    (path, key) => {
      const [name = '', space = namespace] = path.split('/').toReversed()
      return secrets.value(kind, space, name, key)
    }
  return {
    [`${packages.strimzi}KubernetesSecretConfigProvider`]: provider('Secret'),
    [`${packages.strimzi}KubernetesConfigMapConfigProvider`]: provider('ConfigMap'),
  }
}

/** The entries with references resolved. An unreadable one is a problem and stays as written. */
export function resolveConfig(entries: Entries, providers: Providers, problems: Problems): Map<string, Entry> {
  return new Map([...entries].map(([key, entry]) => [key, resolved(entry, providers, problems)]))
}

function resolved(entry: Entry, providers: Providers, problems: Problems): Entry {
  if (!hasReference(entry.written)) return entry
  try {
    const text = resolveReferences(entry.written, providers)
    const left = /\$\{([^}:]*):[^}]*\}/.exec(text)?.[1]
    if (left !== undefined && entry.written.includes(`\${${left}:`)) warnOfRest(left, entry, providers, problems)
    return { ...entry, text }
  } catch (error) {
    if (!(error instanceof ProviderError || error instanceof SecretError || error instanceof Failure)) throw error
    const remedy = error instanceof SecretError ? error.remedy : 'correct the reference, or make what it names readable'
    const reason = error instanceof SecretError ? error.message : `: ${error.message}`
    problems.about('error', entry, reason, remedy, { stops: 'flow' })
    return entry
  }
}

function warnOfRest(name: string, entry: Entry, providers: Providers, problems: Problems): void {
  const [reason, remedy] = providers.has(name)
    ? [`refers to something the provider ${name} does not have, so it stays as it is written`, 'correct the reference']
    : [
        `names the config provider ${name}, which is not declared, so it stays as it is written`,
        `declare it: config.providers: ${name} in the config of the target`,
      ]
  problems.about('warning', entry, reason, remedy)
}
