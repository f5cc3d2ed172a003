// A reporter for `node --test`: one line of JSON for each test file, read by test/run.ts.
import type { TestEvent } from 'node:test/reporters'

/** The result of one test file. */
export interface FileResult {
  /** path as node reports it */
  readonly file: string
  readonly passed: boolean
  /** null if the file ended without a result, for example because of an exception at its top level */
  readonly durationMs: number | null
}

/** @returns a line for each file when it has a result, and when something outside its tests has failed */
// biome-ignore lint/style/noDefaultExport: node requires a reporter to be a default export
export default async function* fileResults(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  for await (const event of events) {
    if (event.type === 'test:summary' && event.data.file !== undefined) {
      const { file, success, duration_ms } = event.data
      yield line({ file, passed: success, durationMs: Math.round(duration_ms) })
    } else if (event.type === 'test:fail' && event.data.nesting === 0 && event.data.file !== undefined) {
      yield line({ file: event.data.file, passed: false, durationMs: null })
    }
  }
}

const line = (result: FileResult) => `${JSON.stringify(result)}\n`
