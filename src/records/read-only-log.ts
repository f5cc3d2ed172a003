// Read-only access to a state topic: never creates or writes it, and treats a missing topic as empty.
import { Failure } from '../base/failure.ts'
import type { LogRecord, RecordLog } from './record-log.ts'

export class ReadOnlyLog implements RecordLog {
  readonly topic: string
  readonly #log: RecordLog

  constructor(log: RecordLog) {
    this.topic = log.topic
    this.#log = log
  }

  /** Does not create the topic. Returns 1, since only writers use the partition count. */
  ensure(): Promise<number> {
    return Promise.resolve(1)
  }

  /** Reads all records; none if the topic is missing. @throws Failure */
  async readAll(onRecord: (record: LogRecord) => void): Promise<void> {
    try {
      await this.#log.readAll(onRecord)
    } catch (error) {
      if (!(error instanceof Failure) || error.code !== 'UNKNOWN_TOPIC') throw error
    }
  }

  append(): Promise<void> {
    return Promise.reject(new Failure('INTERNAL', `${this.topic} was opened for reading only`))
  }

  close(): Promise<void> {
    return this.#log.close()
  }
}
