// A reporter for `node --test`: a line of JSON for each test file, for test/run.ts to read.
import type { TestEvent } from 'node:test/reporters'

/** How one test file ended. */
export interface FileResult {
  /** path, as node names it */
  readonly file: string
  readonly passed: boolean
  /** null where the file ended before it had a result, for example because it threw at its top level */
  readonly durationMs: number | null
}

/** @returns a line for each file: when it has its result, and when something in it failed outside of all its tests */
// biome-ignore lint/style/noDefaultExport: node takes a reporter's default export
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
