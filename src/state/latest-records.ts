// The newest record of every key, which is all that counts in a compacted topic; what it superseded is never parsed.
import { Failure } from '../base/failure.ts'
import type { LogRecord, RecordLog } from './record-log.ts'

/**
 * Reads the whole log and gives the last record of each key in each partition, tombstones included, oldest key first.
 * A key that lies in several partitions comes several times: who reads it must choose. Keys are compared as bytes.
 * @throws Failure of the log
 */
export async function latestRecords(log: Pick<RecordLog, 'readAll'>): Promise<LogRecord[]> {
  const latest = new Map<string, LogRecord>()
  await log.readAll((record) => {
    const key = record.key === null ? 'none' : `=${record.key.toString('latin1')}`
    // The bytes are only lent, and lie in a batch that would stay in memory as a whole.
    latest.set(`${record.partition}${key}`, { ...record, key: copied(record.key), value: copied(record.value) })
  })
  return [...latest.values()]
}

const copied = (bytes: Buffer | null) => (bytes === null ? null : Buffer.from(bytes))

/** As `latestRecords`; none where the topic does not exist. @throws every other Failure of the log */
export async function recordsIfAny(log: Pick<RecordLog, 'readAll'>): Promise<LogRecord[]> {
  try {
    return await latestRecords(log)
  } catch (error) {
    if (error instanceof Failure && error.code === 'UNKNOWN_TOPIC') return []
    throw error
  }
}
