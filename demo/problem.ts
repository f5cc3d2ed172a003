// Errors that end the demo early: an expected failure, or Ctrl-C.

/** An expected failure; its message is shown to the user, with cause and remedy. */
export class DemoProblem extends Error {}

/** Thrown by waiting code when Ctrl-C is pressed; not a failure. */
export class Interrupted extends Error {
  constructor() {
    super('interrupted')
    this.name = 'Interrupted'
  }
}

/** The result of `work`, or Interrupted as soon as the signal is aborted; `work` itself continues, and the clean-up ends it. */
export async function orInterrupted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const onAbort = () => reject(new Interrupted())
  if (signal.aborted) onAbort()
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([work, promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
    promise.catch(() => {})
  }
}
