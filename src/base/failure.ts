// The table of failures, and the only error class that is thrown on purpose.
// A row determines what the engine does (verdict), the exit code of the CLI and the HTTP status.

/** retry: repeat with backoff; refresh: read metadata, then retry; quarantine: stop the partition; halt: stop the flow. */
export type Verdict = 'retry' | 'refresh' | 'quarantine' | 'halt'

interface FailureRow {
  readonly verdict: Verdict
  /** no retry fixes it, an operator has to decide: the topic is another one than was copied, or records were lost */
  readonly final?: 'other-topic' | 'truncated'
  readonly exit: number
  readonly http: number
  readonly meaning: string
  /** what the operator should do, in general; the problem itself contains the exact command */
  readonly remedy: string
}

/** All failures by code. docs/reference/failures.md is generated from this table. */
export const failures = {
  BROKER_UNREACHABLE: {
    verdict: 'retry',
    exit: 69,
    http: 503,
    meaning: 'no broker of a cluster is reachable',
    remedy: 'start the brokers, or correct `bootstrap.servers`, DNS or the firewall; godwit retries until it succeeds',
  },
  CONNECTION_LOST: {
    verdict: 'retry',
    exit: 69,
    http: 503,
    meaning: 'a broker closed the connection before it responded',
    remedy: 'nothing: godwit retries; if it persists, check the log of the broker and any proxy in between',
  },
  REQUEST_TIMED_OUT: {
    verdict: 'retry',
    exit: 69,
    http: 504,
    meaning: 'a broker did not respond in time',
    remedy: 'nothing: godwit retries; if it persists, check the load of the broker',
  },
  BROKER_BUSY: {
    verdict: 'retry',
    exit: 69,
    http: 503,
    meaning: 'a broker cannot serve a request at the moment',
    remedy:
      'nothing: godwit retries; for a quota or too few in-sync replicas, the problem contains the command that changes it',
  },
  LEADER_MOVED: {
    verdict: 'refresh',
    exit: 69,
    http: 503,
    meaning: 'the leader of a partition has changed, or the partition has no leader at the moment',
    remedy: 'nothing: godwit retries; if it persists, check which brokers of the cluster are down',
  },
  UNKNOWN_TOPIC: {
    verdict: 'refresh',
    exit: 69,
    http: 404,
    meaning: 'a topic or partition does not exist on a cluster, or the user may not describe it',
    remedy: 'if the topic was deleted on purpose, run `godwit positions reset`; otherwise grant Describe on it',
  },
  TOPIC_RECREATED: {
    verdict: 'quarantine',
    final: 'other-topic',
    exit: 70,
    http: 409,
    meaning: 'a topic was deleted and recreated under the same name',
    remedy:
      '`godwit positions reset FILE --topic REGEX --execute` appends the new topic to the records of the old one; to keep only the new records, delete the target topic first',
  },
  TARGET_RENAMED: {
    verdict: 'quarantine',
    final: 'other-topic',
    exit: 70,
    http: 409,
    meaning: 'a topic was copied into a target topic with a different name than the configuration now gives it',
    remedy:
      'restore the earlier replication policy, or copy everything into the new name with `godwit positions reset`',
  },
  TOPIC_DELETED: {
    verdict: 'quarantine',
    exit: 70,
    http: 409,
    meaning: 'a target topic was deleted after records were copied into it',
    remedy: '`godwit positions reset FILE --topic REGEX --execute` recreates it and copies it from the start',
  },
  REPLICATION_LOOP: {
    verdict: 'quarantine',
    exit: 70,
    http: 409,
    meaning: 'a partition contains records that a flow in the opposite direction copied from the target',
    remedy: 'exclude the topic from one of the two flows, or allow loops with `godwit.allow.loops = true`',
  },
  SOURCE_TRUNCATED: {
    verdict: 'quarantine',
    final: 'truncated',
    exit: 70,
    http: 409,
    meaning: 'the source has lost records that were already copied',
    remedy:
      'find out what happened to the source topic; then `godwit positions reset FILE --topic REGEX --to earliest --execute`, or `--to latest`',
  },
  TARGET_TRUNCATED: {
    verdict: 'quarantine',
    final: 'truncated',
    exit: 70,
    http: 409,
    meaning: 'the target has lost records that it had acknowledged',
    remedy:
      'find out what happened to the target topic; to copy everything again, delete it and run `godwit positions reset FILE --topic REGEX --execute`',
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
    meaning: 'a record batch is damaged: its checksum or its header is wrong',
    remedy: 'repair the source, or delete the batch: kafka-delete-records.sh with the offset in the problem',
  },
  TOO_LARGE: {
    verdict: 'quarantine',
    exit: 70,
    http: 413,
    meaning: 'a record is larger than the target topic accepts',
    remedy: 'raise `max.message.bytes` of the target topic with the command in the problem',
  },
  REFUSED_BY_TARGET: {
    verdict: 'quarantine',
    exit: 70,
    http: 422,
    meaning: 'the target rejects a record batch because of its contents',
    remedy: 'change the config of the target topic that rejects the batch; the message names it',
  },
  OPEN_TRANSACTION: {
    verdict: 'retry',
    exit: 75,
    http: 409,
    meaning: 'an open transaction on the source blocks the records after it',
    remedy: 'wait, or abort the transaction with the kafka-transactions.sh command in the problem',
  },
  DUPLICATES_POSSIBLE: {
    verdict: 'quarantine',
    exit: 70,
    http: 409,
    meaning: 'it cannot be proved which records the target partition already contains',
    remedy:
      'decide: `godwit.on.doubt = at-least-once` continues and counts possible duplicates, or reset the position of the topic',
  },
  NOT_AUTHORIZED: {
    verdict: 'quarantine',
    exit: 77,
    http: 403,
    meaning: 'the user lacks a permission on a cluster',
    remedy: 'grant it with the kafka-acls.sh command in the problem',
  },
  AUTHENTICATION_FAILED: {
    verdict: 'halt',
    exit: 77,
    http: 401,
    meaning: 'a cluster rejected the credentials',
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
    meaning: 'a broker is too old (or too new) for a request that godwit needs',
    remedy:
      'upgrade the broker: godwit needs Apache Kafka 0.11 or newer; if a function needs a newer version, the message states it',
  },
  STANDBY: {
    verdict: 'retry',
    exit: 75,
    http: 409,
    meaning: 'another process is running this flow',
    remedy: 'nothing: this process takes over when the other one stops',
  },
  STATE_UNREADABLE: {
    verdict: 'halt',
    exit: 70,
    http: 500,
    meaning: 'a state topic contains unreadable records, or has the wrong configuration',
    remedy: 'correct the topic that the problem names, or rewrite its records with `godwit positions reset`',
  },
  CONFIG_INVALID: {
    verdict: 'halt',
    exit: 78,
    http: 400,
    meaning: 'the configuration has problems',
    remedy: 'correct the listed lines; all problems of the file are listed at once',
  },
  FILE_EXISTS: {
    verdict: 'halt',
    exit: 73,
    http: 409,
    meaning: 'the file to write already exists',
    remedy: 'move the existing file, or choose another name',
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
    meaning: 'a bug in godwit',
    remedy: 'report it, with the log',
  },
} as const satisfies Record<string, FailureRow>

export type FailureCode = keyof typeof failures

/** Where a failure happened. Every field is optional; all given fields are printed. */
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
  /** size of the record or batch that is too large */
  readonly bytes?: number
  /** the operation that the user needs permission for, in Kafka's words: Read, Write */
  readonly right?: string
  /** Kafka's error code, if a broker returned one */
  readonly wireCode?: number
  /** what the operator should do */
  readonly remedy?: string
  readonly cause?: unknown
}

/** An expected failure: a code of the table, one sentence, and where it happened. */
export class Failure extends Error {
  readonly code: FailureCode
  readonly circumstances: Circumstances

  constructor(code: FailureCode, sentence: string, circumstances: Circumstances = {}) {
    // Its code and its sentence tell where it comes from. A stack trace would take ten times its memory, and there may be one for each topic.
    const { stackTraceLimit } = Error
    Error.stackTraceLimit = 0
    super(sentence, { cause: circumstances.cause })
    Error.stackTraceLimit = stackTraceLimit
    this.name = 'Failure'
    this.code = code
    this.circumstances = circumstances
  }

  get remedy(): string | undefined {
    return this.circumstances.remedy
  }
}

/** The verdict for any thrown value. An unexpected error stops the flow, since a retry could loop for ever. */
export function verdictOf(error: unknown): Verdict {
  return error instanceof Failure ? failures[error.code].verdict : 'halt'
}

/** Any thrown value as a Failure; an unexpected error is a bug in godwit (INTERNAL). */
export function asFailure(error: unknown): Failure {
  return error instanceof Failure ? error : new Failure('INTERNAL', sentenceOf(error), { cause: error })
}

/** Returns the error if it is a Failure, so that it can be kept as a result. @throws any other error */
export function expectedFailure(error: unknown): Failure {
  if (error instanceof Failure) return error
  throw error
}

/** The message of any thrown value, for logs and messages; never a stack trace. */
export function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** Why no retry fixes a failure with this code; undefined where one may. */
export function finalityOf(code: FailureCode): FailureRow['final'] {
  const row: FailureRow = failures[code]
  return row.final
}
