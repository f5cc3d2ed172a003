// The latest record of each key of a compacted topic. Older records are never parsed.
import type { LogRecord, RecordLog } from './record-log.ts'

/**
 * Reads the whole log and returns the last record of each key in each partition, including tombstones, oldest key first.
 * A key in several partitions is returned once for each. Keys are compared as bytes.
 * The result can be iterated only once, because each record is released then to save memory.
 * @throws Failure of the log
 */
export async function latestRecords(log: Pick<RecordLog, 'readAll'>): Promise<Iterable<LogRecord>> {
  const latest = new Map<string, LogRecord>()
  await log.readAll((record) => {
    const key = record.key === null ? 'none' : `=${record.key.toString('latin1')}`
    // Copied, because the bytes are only valid during the call and would keep the whole batch in memory.
    latest.set(`${record.partition}${key}`, { ...record, key: copyOf(record.key), value: copyOf(record.value) })
  })
  return releasing(latest)
}

function* releasing(latest: Map<string, LogRecord>): Iterable<LogRecord> {
  for (const [key, record] of latest) {
    latest.delete(key)
    yield record
  }
}

const copyOf = (bytes: Buffer | null) => (bytes === null ? null : Buffer.from(bytes))
