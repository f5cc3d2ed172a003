// A state topic as somebody sees it who only looks: never made, never written, empty where it does not exist.
import { Failure } from '../base/failure.ts'
import type { LogRecord, RecordLog } from './record-log.ts'

export class ReadOnlyLog implements RecordLog {
  readonly topic: string
  readonly #log: RecordLog

  constructor(log: RecordLog) {
    this.topic = log.topic
    this.#log = log
  }

  /** Makes nothing; the count is only of use to those who write. */
  ensure(): Promise<number> {
    return Promise.resolve(1)
  }

  /** @throws Failure; not for a topic that is missing */
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
