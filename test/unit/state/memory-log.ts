// A compacted topic in memory: the port of src/records/record-log.ts for tests, with appends that fail or wait.
import type { Fields, Logger } from '../../../src/base/logger.ts'
import { silentLogger } from '../../../src/base/logger.ts'
import type { CompactTopic, LogRecord, NewLogRecord, RecordLog } from '../../../src/records/record-log.ts'

export class MemoryLog implements RecordLog {
  readonly topic: string
  readonly records: LogRecord[] = []
  /** one entry per append: the number of records */
  readonly appends: number[] = []
  ensured: CompactTopic | undefined
  /** if set, the next appends wait for it */
  gate: Promise<void> | undefined
  /** if set, the next appends fail with it after half of the records */
  broken: Error | undefined
  appending = 0
  mostAppending = 0
  #partitions: number

  constructor(topic: string, partitions: number) {
    this.topic = topic
    this.#partitions = partitions
  }

  async ensure(spec: CompactTopic): Promise<number> {
    this.ensured = spec
    return this.#partitions
  }

  async readAll(onRecord: (record: LogRecord) => void): Promise<void> {
    for (const record of this.records) onRecord(record)
  }

  async append(records: readonly NewLogRecord[]): Promise<void> {
    this.appending++
    this.mostAppending = Math.max(this.mostAppending, this.appending)
    this.appends.push(records.length)
    await this.gate
    this.appending--
    const stored = this.broken ? records.slice(0, records.length / 2) : records
    for (const record of stored) this.put(record)
    if (this.broken) throw this.broken
  }

  async close(): Promise<void> {}

  /** Adds a record as another writer would; `key` and `value` may be text. */
  put(record: { key: Buffer | string | null; value: Buffer | string | null; partition?: number; timestamp?: number }) {
    const bytes = (of: Buffer | string | null) => (typeof of === 'string' ? Buffer.from(of) : of)
    const { partition = 0, timestamp = 1000 } = record
    const offset = this.records.filter((other) => other.partition === partition).length
    this.records.push({ key: bytes(record.key), value: bytes(record.value), partition, offset, timestamp })
  }

  /** Key and value as text, for assertions. */
  texts(): [key: string | undefined, value: string | undefined, partition: number][] {
    return this.records.map((r) => [r.key?.toString(), r.value?.toString(), r.partition])
  }
}

/** A logger that records its warnings. */
export function listeningLogger(): { logger: Logger; warnings: { message: string; fields: Fields | undefined }[] } {
  const warnings: { message: string; fields: Fields | undefined }[] = []
  const logger: Logger = { ...silentLogger, warn: (message, fields) => warnings.push({ message, fields }) }
  return { logger, warnings }
}
