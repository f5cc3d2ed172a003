// Loaded into every test file's process: what ends it.
import { after } from 'node:test'

/** What a file's own last hooks may take, ms. */
const patienceMs = Number(process.env['GODWIT_TEST_PATIENCE_MS'] ?? 60_000)
/** A file ends by this at the latest, minutes; no limit unless given. */
const limit = Number(process.env['GODWIT_TEST_FILE_MINUTES'] ?? 0)
const isTestFile = process.env['NODE_TEST_CONTEXT']?.startsWith('child') ?? false

// Without Node's clean-up of its handles: Node 24.21 has been seen to spin for ever in there (Environment::CleanupHandles), after
// all tests had passed; the runner then waits for ever too. The listener is added late, so that it is the last one: all others
// (killing brokers, removing folders) have done their work.
process.once('beforeExit', () => {
  process.on('exit', (code) => {
    const { reallyExit } = process as unknown as { reallyExit: (code: number) => never }
    reallyExit.call(process, code)
  })
})

// A hook that failed leaves brokers running, and their pipes keep the process alive. (--test-force-exit is no help: it ends the
// process before all results have been written, and the runner counts those tests as never there.)
if (isTestFile)
  after(() => {
    endIn(patienceMs, 'is kept alive after its last test by')
  })
// A file may also wait outside of its tests, for example for a broker at its top level.
if (isTestFile && limit > 0) endIn(limit * 60_000, `has not ended after ${limit} minutes, and is ended:`)

function endIn(ms: number, why: string): void {
  setTimeout(() => {
    console.error(`${process.argv[1]} ${why} ${process.getActiveResourcesInfo().join(', ')}`)
    process.exit(1)
  }, ms).unref()
}
