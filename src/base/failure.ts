// The table of everything that can go wrong, and the one error class that is thrown on purpose.
// From a row follow what the engine does (verdict), the exit code of the CLI and the HTTP status.

/** retry: same place, back off; refresh: metadata first; quarantine: park the partition; halt: stop the flow, tell a person. */
export type Verdict = 'retry' | 'refresh' | 'quarantine' | 'halt'

interface FailureRow {
  readonly verdict: Verdict
  readonly exit: number
  readonly http: number
  readonly meaning: string
  /** what a person does about it, in general; the problem itself names the very command */
  readonly remedy: string
}

export const failures = {
  BROKER_UNREACHABLE: {
    verdict: 'retry',
    exit: 69,
    http: 503,
    meaning: 'no broker of a cluster could be reached',
    remedy: 'start the brokers, or correct `bootstrap.servers`, DNS or the firewall; it is tried again without end',
  },
  CONNECTION_LOST: {
    verdict: 'retry',
    exit: 69,
    http: 503,
    meaning: 'a connection to a broker ended before its answer came',
    remedy: 'nothing: it is tried again; if it goes on, look at the log of the broker and at proxies between',
  },
  REQUEST_TIMED_OUT: {
    verdict: 'retry',
    exit: 69,
    http: 504,
    meaning: 'a broker did not answer in time',
    remedy: 'nothing: it is tried again; if it goes on, look at the load of the broker',
  },
  BROKER_BUSY: {
    verdict: 'retry',
    exit: 69,
    http: 503,
    meaning: 'a broker answered that it cannot serve the request now',
    remedy:
      'nothing: it is tried again; a quota, or too few replicas in sync, is named with the command that changes it',
  },
  LEADER_MOVED: {
    verdict: 'refresh',
    exit: 69,
    http: 503,
    meaning: 'a partition has another leader, or none, for the moment',
    remedy: 'nothing: it is tried again; if it goes on, look which brokers of the cluster are down',
  },
  UNKNOWN_TOPIC: {
    verdict: 'refresh',
    exit: 69,
    http: 404,
    meaning: 'a cluster does not know a topic or partition',
    remedy: 'if the topic was deleted on purpose, `godwit positions reset`; otherwise permit Describe on it',
  },
  TOPIC_RECREATED: {
    verdict: 'quarantine',
    exit: 70,
    http: 409,
    meaning: 'a topic was deleted and created again under the same name',
    remedy:
      '`godwit positions reset FILE --topic REGEX --execute` copies the new topic behind the records of the old one; delete the target topic first to have it alone',
  },
  TARGET_RENAMED: {
    verdict: 'quarantine',
    exit: 70,
    http: 409,
    meaning: 'what was copied of a topic lies in another target topic than the configuration names',
    remedy: 'set the earlier policy again, or copy everything into the new name with `godwit positions reset`',
  },
  TOPIC_DELETED: {
    verdict: 'quarantine',
    exit: 70,
    http: 409,
    meaning: 'a target topic that records were copied into was deleted',
    remedy: '`godwit positions reset FILE --topic REGEX --execute` creates it again and copies it from the start',
  },
  REPLICATION_LOOP: {
    verdict: 'quarantine',
    exit: 70,
    http: 409,
    meaning: 'records of a partition came from the target, by a flow in the opposite direction',
    remedy: 'leave the topic out of one of the two flows, or insist with `godwit.allow.loops = true`',
  },
  SOURCE_TRUNCATED: {
    verdict: 'quarantine',
    exit: 70,
    http: 409,
    meaning: 'the source lost records that were already copied',
    remedy:
      'see what happened to the source topic; then `godwit positions reset FILE --topic REGEX --to earliest --execute`, or `--to latest`',
  },
  TARGET_TRUNCATED: {
    verdict: 'quarantine',
    exit: 70,
    http: 409,
    meaning: 'the target lost records that it had acknowledged',
    remedy:
      'see what happened to the target topic; to copy everything again delete it and run `godwit positions reset FILE --topic REGEX --execute`',
  },
  OFFSET_OUT_OF_RANGE: {
    verdict: 'quarantine',
    exit: 70,
    http: 409,
    meaning: 'the next offset to copy does not exist on the source',
    remedy:
      '`godwit positions reset FILE --topic REGEX --to earliest --execute`, or `godwit.on.gap = continue` for every gap',
  },
  CORRUPT_BATCH: {
    verdict: 'quarantine',
    exit: 70,
    http: 500,
    meaning: 'a record batch does not match its checksum or its own header',
    remedy: 'repair the source, or give the batch up: kafka-delete-records.sh with the offset that is printed',
  },
  TOO_LARGE: {
    verdict: 'quarantine',
    exit: 70,
    http: 413,
    meaning: 'a record is larger than the target topic accepts',
    remedy: 'raise `max.message.bytes` of the target topic with the command that is printed',
  },
  REFUSED_BY_TARGET: {
    verdict: 'quarantine',
    exit: 70,
    http: 422,
    meaning: 'the target refuses a record batch for what it holds',
    remedy: 'change the config of the target topic that refuses the batch; the message names it',
  },
  OPEN_TRANSACTION: {
    verdict: 'retry',
    exit: 75,
    http: 409,
    meaning: 'records of the source are behind a transaction that is still open',
    remedy: 'wait, or end it with the kafka-transactions.sh line that is printed',
  },
  DUPLICATES_POSSIBLE: {
    verdict: 'quarantine',
    exit: 70,
    http: 409,
    meaning: 'it cannot be proved what the target partition already holds',
    remedy:
      'decide: `godwit.on.doubt = at-least-once` goes on and counts what may be duplicated, or reset the position of the topic',
  },
  NOT_AUTHORIZED: {
    verdict: 'quarantine',
    exit: 77,
    http: 403,
    meaning: 'the user lacks a permission on a cluster',
    remedy: 'permit the operation with the kafka-acls.sh line that is printed',
  },
  AUTHENTICATION_FAILED: {
    verdict: 'halt',
    exit: 77,
    http: 401,
    meaning: 'a cluster refused the credentials',
    remedy: 'correct the user name, the password or the mechanism of the cluster',
  },
  TLS_FAILED: {
    verdict: 'halt',
    exit: 77,
    http: 502,
    meaning: 'the TLS handshake with a broker failed',
    remedy: 'correct the trust store, the certificate or the protocol of the cluster',
  },
  UNSUPPORTED_VERSION: {
    verdict: 'halt',
    exit: 69,
    http: 501,
    meaning: 'a broker is too old (or too new) for a request that is needed',
    remedy:
      'upgrade the broker: godwit needs Apache Kafka 0.11 or newer, and for some functions more, which the message says',
  },
  STANDBY: {
    verdict: 'retry',
    exit: 75,
    http: 409,
    meaning: 'another process is working on this flow',
    remedy: 'nothing: this process takes over when the other one ends',
  },
  STATE_UNREADABLE: {
    verdict: 'halt',
    exit: 70,
    http: 500,
    meaning: 'a state topic holds something that cannot be read, or has the wrong settings',
    remedy: 'correct the topic that is named, or have it written again with `godwit positions reset`',
  },
  CONFIG_INVALID: {
    verdict: 'halt',
    exit: 78,
    http: 400,
    meaning: 'the configuration has problems',
    remedy: 'correct the lines that are named; all problems of the file are listed at once',
  },
  FILE_EXISTS: {
    verdict: 'halt',
    exit: 73,
    http: 409,
    meaning: 'a file that was to be written is there already',
    remedy: 'move the file away, or name another one',
  },
  USAGE: {
    verdict: 'halt',
    exit: 64,
    http: 400,
    meaning: 'the command line is wrong',
    remedy: 'see the help of the command: `godwit COMMAND --help`',
  },
  INTERNAL: {
    verdict: 'halt',
    exit: 70,
    http: 500,
    meaning: 'a mistake in godwit itself',
    remedy: 'report it, with the log',
  },
} as const satisfies Record<string, FailureRow>

export type FailureCode = keyof typeof failures

/** Where it happened; every field is optional, all of them are printed. */
export interface Circumstances {
  readonly cluster?: string
  readonly flow?: string
  readonly topic?: string
  readonly partition?: number
  readonly offset?: bigint
  readonly broker?: string
  readonly group?: string
  readonly file?: string
  readonly line?: number
  /** size of what is too large */
  readonly bytes?: number
  /** what the user has to be permitted for it, in Kafka's words: Read, Write */
  readonly right?: string
  /** Kafka's error code, where a broker gave one */
  readonly wireCode?: number
  /** what the operator should do */
  readonly remedy?: string
  readonly cause?: unknown
}

/** An expected failure: a code of the table, one sentence, and its circumstances. */
export class Failure extends Error {
  readonly code: FailureCode
  readonly circumstances: Circumstances

  constructor(code: FailureCode, sentence: string, circumstances: Circumstances = {}) {
    super(sentence, { cause: circumstances.cause })
    this.name = 'Failure'
    this.code = code
    this.circumstances = circumstances
  }

  get remedy(): string | undefined {
    return this.circumstances.remedy
  }
}

/** Total: an error nobody has named stops the flow rather than be retried for ever. */
export function verdictOf(error: unknown): Verdict {
  return error instanceof Failure ? failures[error.code].verdict : 'halt'
}

/** Any thrown thing as a Failure: one that nobody expected is a mistake of godwit (INTERNAL). */
export function asFailure(error: unknown): Failure {
  return error instanceof Failure ? error : new Failure('INTERNAL', sentenceOf(error), { cause: error })
}

/** Gives a Failure back, for answers of which some may have failed. @throws anything else, which nobody expected */
export function expectedFailure(error: unknown): Failure {
  if (error instanceof Failure) return error
  throw error
}

/** The sentence of any thrown thing, for logs and messages; never a stack trace. */
export function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
