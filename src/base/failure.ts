// The table of everything that can go wrong, and the one error class that is thrown on purpose.
// From a row follow what the engine does (verdict), the exit code of the CLI and the HTTP status.

/** retry: same place, back off; refresh: metadata first; quarantine: park the partition; halt: stop the flow, tell a person. */
export type Verdict = 'retry' | 'refresh' | 'quarantine' | 'halt'

interface FailureRow {
  readonly verdict: Verdict
  readonly exit: number
  readonly http: number
  readonly meaning: string
}

export const failures = {
  BROKER_UNREACHABLE: { verdict: 'retry', exit: 69, http: 503, meaning: 'no broker of a cluster could be reached' },
  CONNECTION_LOST: {
    verdict: 'retry',
    exit: 69,
    http: 503,
    meaning: 'a connection to a broker ended before its answer came',
  },
  REQUEST_TIMED_OUT: { verdict: 'retry', exit: 69, http: 504, meaning: 'a broker did not answer in time' },
  BROKER_BUSY: {
    verdict: 'retry',
    exit: 69,
    http: 503,
    meaning: 'a broker answered that it cannot serve the request now',
  },
  LEADER_MOVED: {
    verdict: 'refresh',
    exit: 69,
    http: 503,
    meaning: 'a partition has another leader, or none, for the moment',
  },
  UNKNOWN_TOPIC: { verdict: 'refresh', exit: 69, http: 404, meaning: 'a cluster does not know a topic or partition' },
  TOPIC_RECREATED: {
    verdict: 'quarantine',
    exit: 70,
    http: 409,
    meaning: 'a topic was deleted and created again under the same name',
  },
  TARGET_RENAMED: {
    verdict: 'quarantine',
    exit: 70,
    http: 409,
    meaning: 'what was copied of a topic lies in another target topic than the configuration names',
  },
  TOPIC_DELETED: {
    verdict: 'quarantine',
    exit: 70,
    http: 409,
    meaning: 'a target topic that records were copied into was deleted',
  },
  REPLICATION_LOOP: {
    verdict: 'quarantine',
    exit: 70,
    http: 409,
    meaning: 'records of a partition came from the target, by a flow in the opposite direction',
  },
  SOURCE_TRUNCATED: {
    verdict: 'quarantine',
    exit: 70,
    http: 409,
    meaning: 'the source lost records that were already copied',
  },
  TARGET_TRUNCATED: {
    verdict: 'quarantine',
    exit: 70,
    http: 409,
    meaning: 'the target lost records that it had acknowledged',
  },
  OFFSET_OUT_OF_RANGE: {
    verdict: 'quarantine',
    exit: 70,
    http: 409,
    meaning: 'the next offset to copy does not exist on the source',
  },
  CORRUPT_BATCH: {
    verdict: 'quarantine',
    exit: 70,
    http: 500,
    meaning: 'a record batch does not match its checksum or its own header',
  },
  TOO_LARGE: {
    verdict: 'quarantine',
    exit: 70,
    http: 413,
    meaning: 'a record is larger than the target topic accepts',
  },
  REFUSED_BY_TARGET: {
    verdict: 'quarantine',
    exit: 70,
    http: 422,
    meaning: 'the target refuses a record batch for what it holds',
  },
  OPEN_TRANSACTION: {
    verdict: 'retry',
    exit: 75,
    http: 409,
    meaning: 'records of the source are behind a transaction that is still open',
  },
  DUPLICATES_POSSIBLE: {
    verdict: 'quarantine',
    exit: 70,
    http: 409,
    meaning: 'it cannot be proved what the target partition already holds',
  },
  NOT_AUTHORIZED: { verdict: 'quarantine', exit: 77, http: 403, meaning: 'the user lacks a permission on a cluster' },
  AUTHENTICATION_FAILED: { verdict: 'halt', exit: 77, http: 401, meaning: 'a cluster refused the credentials' },
  TLS_FAILED: { verdict: 'halt', exit: 77, http: 502, meaning: 'the TLS handshake with a broker failed' },
  UNSUPPORTED_VERSION: {
    verdict: 'halt',
    exit: 69,
    http: 501,
    meaning: 'a broker is too old (or too new) for a request that is needed',
  },
  STANDBY: { verdict: 'retry', exit: 75, http: 409, meaning: 'another process is working on this flow' },
  STATE_UNREADABLE: {
    verdict: 'halt',
    exit: 70,
    http: 500,
    meaning: 'a state topic holds something that cannot be read, or has the wrong settings',
  },
  CONFIG_INVALID: { verdict: 'halt', exit: 78, http: 400, meaning: 'the configuration has problems' },
  FILE_EXISTS: { verdict: 'halt', exit: 73, http: 409, meaning: 'a file that was to be written is there already' },
  USAGE: { verdict: 'halt', exit: 64, http: 400, meaning: 'the command line is wrong' },
  INTERNAL: { verdict: 'halt', exit: 70, http: 500, meaning: 'a mistake in godwit itself' },
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

/** The sentence of any thrown thing, for logs and messages; never a stack trace. */
export function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
