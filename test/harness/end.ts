// Loaded into every test file's process: ends it when it is done, without Node's clean-up of its handles. Node 24.21 has been seen to
// spin for ever in there (Environment::CleanupHandles), after all tests had passed; the runner then waits for ever too.
// The listener is added late, so that it is the last one: all others (killing brokers, removing folders) have done their work.
process.once('beforeExit', () => {
  process.on('exit', (code) => {
    const { reallyExit } = process as unknown as { reallyExit: (code: number) => never }
    reallyExit.call(process, code)
  })
})
