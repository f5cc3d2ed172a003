// From a broker's error code to a Failure: one list with Kafka's own names, one sentence, one remedy where we know it.
import { type Circumstances, Failure } from '../base/failure.ts'
import { brokerWords } from './connection/broker-words.ts'
import { errorCodes, errorTable, type WireError } from './connection/error-table.ts'

/** Every error code of Kafka (0, no error, is not in it): name, our failure code, whether it is worth trying again. */
export const wireErrors = errorTable

export { errorCodes }

/** Kafka's name of an error code; `error 4711` for one that is newer than our table. */
export function wireErrorName(code: number): string {
  return wireErrors[code]?.name ?? `error ${code}`
}

/** A code nobody knows may be a passing one: it is tried again with a growing pause, and said. */
const unknown: WireError = { name: '', failure: 'BROKER_BUSY', retriable: true }

/**
 * The Failure for an error code that a broker gave; its circumstances carry the code as `wireCode`.
 * @param sentence said instead of our own sentence, e.g. one that holds the broker's words
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

/** The same with the broker's own message worked in, as many answers carry one. */
export function failureOfAnswer(
  code: number,
  message: string | null | undefined,
  circumstances: Circumstances,
): Failure {
  return failureOfCode(code, circumstances, sentenceFor(code, circumstances, message ?? undefined))
}

/** What remains of a message that holds nothing but the request as Java prints it. */
const SAYS_NOTHING = /^the request is not authorized\.?$/

/** What a code says, for a sentence of the caller's own: the broker's words, else ours, with Kafka's name behind them. */
export function wordsOfCode(code: number, message?: string | null): string {
  const words = brokerWords(message ?? '')
  const said = words === '' || SAYS_NOTHING.test(words) ? meanings[code] : words
  return said === undefined ? wireErrorName(code) : `${said} (${wireErrorName(code)})`
}

function sentenceFor(code: number, circumstances: Circumstances, said?: string): string {
  const { cluster, broker, group, topic, partition } = circumstances
  const who = cluster === undefined ? `broker ${broker ?? ''}`.trim() : `cluster ${cluster}`
  const place = partition === undefined ? topic && `topic ${topic}` : `${topic ?? ''}-${partition}`
  const about = [place, group !== undefined && `group ${group}`].filter(Boolean).join(', ')
  const verb = wireErrors[code]?.retriable ? 'answers' : 'refuses'
  const subject = about === '' ? `${who} ${verb} a request` : `${who} ${verb} a request about ${about}`
  return `${subject}: ${wordsOfCode(code, said)}`
}

/** In our words, for codes that operators meet and whose name alone does not tell. */
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
 * While records are on a leader and on too few others, nobody may see them, and what a partition ends with is not known. A smaller
 * min.insync.replicas does not end that (seen with Kafka 4.2): the leader looks again only when a replica has caught up anew.
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
  // A leader that was elected with fewer replicas in sync than are asked for learns it only when they are (KIP-966).
  78: () => unlessTooFew,
  58: (where) =>
    `check the user name and password in ${key(where, 'sasl.jaas.config')} and ${key(where, 'sasl.mechanism')}`,
}
