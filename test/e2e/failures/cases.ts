// Every failure code, and the test that follows its printed remedy until the problem is gone. A code without a case is a type
// error. test/unit/base/failure-cases.test.ts checks that scenes and titles exist.
import type { FailureCode } from '../../../src/base/failure.ts'

/**
 * Either a scene in this folder (SCENE.test.ts) with a test whose title starts with the code, or a test elsewhere that follows
 * the remedy, or the reason why there is no remedy.
 */
export type FailureCase = Scene | { readonly test: string; readonly title: string } | { readonly why: string }
export type Scene = 'topics' | 'gaps' | 'brokers' | 'secured' | 'command-line'

export const failureCases: Readonly<Record<FailureCode, FailureCase>> = {
  BROKER_UNREACHABLE: 'brokers',
  CONNECTION_LOST: 'command-line',
  REQUEST_TIMED_OUT: 'brokers',
  BROKER_BUSY: {
    test: 'test/integration/engine/quotas.test.ts',
    title: '14 MB at a producer quota of 100 kB/s: no problem, heartbeats continue, the command raises the quota',
  },
  LEADER_MOVED: 'brokers',
  UNKNOWN_TOPIC: 'topics',
  TOPIC_RECREATED: {
    test: 'test/e2e/positions-topics.test.ts',
    title: 'a recreated source topic is copied after the old records, or alone once the target topic is deleted',
  },
  TARGET_RENAMED: {
    test: 'test/e2e/positions-topics.test.ts',
    title: 'after a change of the replication policy both choices are named, and each works',
  },
  TOPIC_DELETED: {
    test: 'test/e2e/positions-topics.test.ts',
    title: 'a target topic deleted during a run is copied again by the one command that the problem names',
  },
  REPLICATION_LOOP: 'topics',
  SOURCE_TRUNCATED: 'gaps',
  TARGET_TRUNCATED: 'gaps',
  OFFSET_OUT_OF_RANGE: 'gaps',
  CORRUPT_BATCH: {
    test: 'test/integration/engine/corrupt.test.ts',
    title: 'a damaged batch quarantines its partition and its offset is named; after deletion the gap is counted',
  },
  TOO_LARGE: 'topics',
  REFUSED_BY_TARGET: 'topics',
  OPEN_TRANSACTION: 'topics',
  DUPLICATES_POSSIBLE: 'gaps',
  NOT_AUTHORIZED: 'secured',
  AUTHENTICATION_FAILED: 'secured',
  TLS_FAILED: 'secured',
  UNSUPPORTED_VERSION: 'brokers',
  STANDBY: 'topics',
  STATE_UNREADABLE: 'topics',
  CONFIG_INVALID: 'command-line',
  FILE_EXISTS: 'command-line',
  USAGE: 'command-line',
  INTERNAL: { why: 'it is a bug in godwit, which the user can only report' },
}
