// The newest record of every key, which is all that counts in a compacted topic; what it superseded is never parsed.
import type { LogRecord, RecordLog } from './record-log.ts'

/**
 * Reads the whole log and gives the last record of each key in each partition, tombstones included, oldest key first.
 * A key that lies in several partitions comes several times: who reads it must choose. Keys are compared as bytes.
 * They can be gone through once; each is let go of then, as what is made of thousands of them needs the memory.
 * @throws Failure of the log
 */
export async function latestRecords(log: Pick<RecordLog, 'readAll'>): Promise<Iterable<LogRecord>> {
  const latest = new Map<string, LogRecord>()
  await log.readAll((record) => {
    const key = record.key === null ? 'none' : `=${record.key.toString('latin1')}`
    // The bytes are only lent, and lie in a batch that would stay in memory as a whole.
    latest.set(`${record.partition}${key}`, { ...record, key: copied(record.key), value: copied(record.value) })
  })
  return taken(latest)
}

function* taken(latest: Map<string, LogRecord>): Iterable<LogRecord> {
  for (const [key, record] of latest) {
    latest.delete(key)
    yield record
  }
}

const copied = (bytes: Buffer | null) => (bytes === null ? null : Buffer.from(bytes))
