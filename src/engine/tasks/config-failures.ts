// Failures of syncing topic configs: which configs the target refuses, and how that is reported.
import { counted } from '../../base/counted.ts'
import { Failure } from '../../base/failure.ts'
import { errorCodes } from '../../kafka/wire-errors.ts'
import type { ConfigChange, MirrorConfigEntry } from '../../mirror/topic-configs.ts'

/** How many topics the failure of the whole periodic task names. */
const NAMED = 3

/**
 * The configs that a failure is about: those named in its message; if it names none, those that the target does not know. Empty where
 * it is about something else, e.g. a missing permission.
 * @param there the target topic with every config that the target knows
 */
export function refusedConfigs(
  { message, circumstances }: Failure,
  changes: readonly ConfigChange[],
  there: readonly MirrorConfigEntry[],
): ReadonlySet<string> {
  if (circumstances.wireCode !== errorCodes.INVALID_CONFIG && circumstances.wireCode !== errorCodes.POLICY_VIOLATION)
    return new Set()
  const names = changes.map((change) => change.name)
  // Names contain each other (retention.ms, local.retention.ms), so only whole names are compared.
  const words = new Set(message.match(/[\w-]+(?:\.[\w-]+)*/g))
  const named = names.filter((name) => words.has(name))
  const known = new Set(there.map((entry) => entry.name))
  return new Set(named.length > 0 ? named : names.filter((name) => !known.has(name)))
}

/** The broker does not report which configs are set on the topic itself. */
export function originsUnknown({ cluster, topic }: { readonly cluster: string; readonly topic: string }): Failure {
  const sentence = `cluster ${cluster} does not report which configs are set on topic ${topic} itself`
  const remedy =
    'write sync.topic.configs.enabled = false into the file and start godwit again; brokers report it since Kafka 1.1'
  return new Failure('UNSUPPORTED_VERSION', sentence, { cluster, topic, remedy })
}

/** Replacing all configs of the topic would lose one whose value the target does not return. */
export function valueNotReturned(cluster: string, topic: string): Failure {
  const sentence = `cluster ${cluster} does not return the value of a config that is set on topic ${topic}; replacing the configs would lose it`
  const remedy = 'use.incremental.alter.configs must not be never, and the target needs Kafka 2.3 or newer'
  return new Failure('REFUSED_BY_TARGET', sentence, { cluster, topic, remedy })
}

/** The same failure; for a missing permission, with a remedy that names it. */
export function withRemedy(failure: Failure, right: string): Failure {
  const { code, message, circumstances } = failure
  const { cluster = '', topic = '' } = circumstances
  if (code !== 'NOT_AUTHORIZED' || circumstances.right === right) return failure
  const remedy = `grant the user of cluster ${cluster} ${right} on topic ${topic} (godwit check FILE prints the whole command)`
  return new Failure(code, message, { ...circumstances, right, remedy })
}

/** Joins the failures of one run: the first topics are named with their remedies, the rest are counted. */
export function summary(problems: ReadonlyMap<string, Failure>, topics: number): Failure {
  const named = [...problems.values()].slice(0, NAMED)
  const more = problems.size > NAMED ? `; and ${problems.size - NAMED} more (see the log)` : ''
  const reasons = named.map(({ message }) => message).join('; ')
  const sentence = `configs of ${problems.size} of ${counted(topics, 'topic')} could not be synced: ${reasons}${more}`
  const remedy = [...new Set(named.flatMap((one) => one.remedy ?? []))].join('; ')
  const [first] = named
  return new Failure(first?.code ?? 'INTERNAL', sentence, { ...(remedy && { remedy }), cause: first })
}
