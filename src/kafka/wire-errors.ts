// Maps a broker's error code to a Failure: Kafka's name, a sentence, and a remedy if there is one.
import { type Circumstances, Failure } from '../base/failure.ts'
import { cleanBrokerMessage } from './connection/broker-words.ts'
import { errorCodes, errorTable, type WireError } from './connection/error-table.ts'

/** All error codes of Kafka except 0: name, failure code, and whether a retry makes sense. */
export const wireErrors = errorTable

export { errorCodes }

/** Kafka's name of an error code; `error 4711` for a code that is newer than the table. */
export function wireErrorName(code: number): string {
  return wireErrors[code]?.name ?? `error ${code}`
}

/** An unknown code may be transient: it is retried with backoff and reported. */
const unknown: WireError = { name: '', failure: 'BROKER_BUSY', retriable: true }

/**
 * The Failure for a broker's error code; its circumstances contain the code as `wireCode`.
 * @param sentence replaces the default message, e.g. to quote the broker
 */
export function failureOfCode(code: number, circumstances: Circumstances = {}, sentence?: string): Failure {
  const { failure } = wireErrors[code] ?? unknown
  const advice = remedies[code]?.(circumstances)
  return new Failure(failure, sentence ?? sentenceFor(code, circumstances), {
    ...(advice !== undefined && { remedy: advice }),
    ...circumstances,
    wireCode: code,
  })
}

/** As `failureOfCode`, with the error message of the response, if it has one. */
export function failureOfAnswer(
  code: number,
  message: string | null | undefined,
  circumstances: Circumstances,
): Failure {
  return failureOfCode(code, circumstances, sentenceFor(code, circumstances, message ?? undefined))
}

/** What remains of a message that only contains the request as Java prints it. */
const WITHOUT_CONTENT = /^the request is not authorized\.?$/

/** Describes a code for use in a message: the broker's message, else godwit's explanation, followed by Kafka's name of the code. */
export function describeCode(code: number, message?: string | null): string {
  const words = cleanBrokerMessage(message ?? '')
  const reason = words === '' || WITHOUT_CONTENT.test(words) ? meanings[code] : words
  return reason === undefined ? wireErrorName(code) : `${reason} (${wireErrorName(code)})`
}

function sentenceFor(code: number, circumstances: Circumstances, message?: string): string {
  const { cluster, broker, group, topic, partition } = circumstances
  const who = cluster === undefined ? `broker ${broker ?? ''}`.trim() : `cluster ${cluster}`
  const resource = partition === undefined ? topic && `topic ${topic}` : `${topic ?? ''}-${partition}`
  const about = [resource, group !== undefined && `group ${group}`].filter(Boolean).join(', ')
  const verb = wireErrors[code]?.retriable ? 'answers' : 'rejects'
  const subject = about === '' ? `${who} ${verb} a request` : `${who} ${verb} a request about ${about}`
  return `${subject}: ${describeCode(code, message)}`
}

/** Explanations for frequent codes whose name alone is not clear. */
const meanings: Readonly<Record<number, string>> = {
  [-1]: 'the broker had an unknown error; see the log of the broker',
  3: 'there is no such topic or partition, or this user may not see it',
  5: 'the partition has no leader at the moment',
  6: 'another broker leads the partition now',
  10: 'larger than the topic accepts',
  19: 'fewer replicas are in sync than min.insync.replicas requires',
  20: 'fewer replicas are in sync than min.insync.replicas requires',
  23: 'the members of the group use another protocol',
  26: 'the session timeout is outside the range that the broker allows',
  29: 'the user lacks a permission on the topic',
  30: 'the user lacks a permission on the group',
  31: 'the user lacks a permission on the cluster',
  33: 'the broker does not offer this SASL mechanism',
  34: 'the broker does not expect a SASL login on this listener',
  35: 'the broker does not support this version of the request',
  38: 'the replication factor is larger than the number of brokers, or below 1',
  44: 'a policy of the cluster forbids it',
  56: 'the broker cannot use its disk (full or failed)',
  58: 'the credentials are wrong, or the user does not exist',
  78: 'the new leader does not know the high watermark yet',
  89: 'a quota of the cluster is exceeded',
}

type Advice = (where: Circumstances) => string

const grant =
  (usual: string): Advice =>
  ({ topic, group, right = usual }) => {
    const resource = topic !== undefined ? `topic ${topic}` : group !== undefined ? `group ${group}` : 'the cluster'
    return `grant the user of this connection ${right} on ${resource} (godwit check FILE prints the whole command)`
  }
const key = (where: Circumstances, name: string) => (where.cluster === undefined ? name : `${where.cluster}.${name}`)

const tooFewInSync = 'restart the missing brokers, or lower min.insync.replicas of the topic'
/**
 * While records are on the leader but on too few followers, consumers cannot read them and the end of the partition is not known.
 * Lowering min.insync.replicas does not help (seen with Kafka 4.2): the leader checks it only when a replica has caught up again.
 */
export const unlessTooFew =
  'this resolves itself in a moment, unless fewer replicas are in sync than min.insync.replicas requires: restart the missing brokers'

const remedies: Readonly<Record<number, Advice>> = {
  10: () => 'raise max.message.bytes of the topic',
  19: () => tooFewInSync,
  20: () => unlessTooFew,
  26: () => 'choose a session.timeout.ms between group.min.session.timeout.ms and group.max.session.timeout.ms',
  29: grant('the permission'),
  30: grant('Read and Describe'),
  31: grant('the permission'),
  33: (where) => `set ${key(where, 'sasl.mechanism')} to one that the listener offers`,
  34: (where) => `check ${key(where, 'security.protocol')}: the listener does not seem to use SASL`,
  38: () => 'set replication.factor to the number of brokers or less, or add brokers',
  56: () => "check the broker's log and disk; godwit continues when there is disk space again",
  // A leader elected with fewer in-sync replicas than required cannot advance the high watermark until there are enough (KIP-966).
  78: () => unlessTooFew,
  58: (where) =>
    `check the user name and password in ${key(where, 'sasl.jaas.config')} and ${key(where, 'sasl.mechanism')}`,
}
