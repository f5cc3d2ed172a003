// Loaded into the process of every test file. Ends the process when it should have ended.
import { after } from 'node:test'

/** Maximum time for the last hooks of a test file (ms). */
const timeoutMs = Number(process.env['GODWIT_TEST_PATIENCE_MS'] ?? 60_000)
/** Maximum time for a test file, in minutes; no limit by default. */
const limit = Number(process.env['GODWIT_TEST_FILE_MINUTES'] ?? 0)
const isTestFile = process.env['NODE_TEST_CONTEXT']?.startsWith('child') ?? false

// Exits without Node's clean-up of handles: Node 24.21 can loop for ever in Environment::CleanupHandles after all tests have
// passed, and the runner then waits for ever. The listener is added late, so that it runs after the others, which kill brokers
// and remove folders.
process.once('beforeExit', () => {
  process.on('exit', (code) => {
    const { reallyExit } = process as unknown as { reallyExit: (code: number) => never }
    reallyExit.call(process, code)
  })
})

// A failed hook leaves brokers running, and their pipes keep the process alive. --test-force-exit does not help: it ends the
// process before all results are written, and the runner does not count those tests.
if (isTestFile)
  after(() => {
    endIn(timeoutMs, 'is kept alive after its last test by')
  })
// A file may also wait outside its tests, for example for a broker at its top level.
if (isTestFile && limit > 0) endIn(limit * 60_000, `has not ended after ${limit} minutes, and is ended:`)

function endIn(ms: number, why: string): void {
  setTimeout(() => {
    console.error(`${process.argv[1]} ${why} ${process.getActiveResourcesInfo().join(', ')}`)
    process.exit(1)
  }, ms).unref()
}
