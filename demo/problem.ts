// How the demo ends early: something went wrong, or Ctrl-C came.

/** Something that can be expected to go wrong; its message is for people, with cause and remedy. */
export class DemoProblem extends Error {}

/** Thrown where the demo waited when Ctrl-C came; nothing is wrong then. */
export class Interrupted extends Error {
  constructor() {
    super('interrupted')
    this.name = 'Interrupted'
  }
}

/** The result of `work`, or Interrupted as soon as the signal is aborted; `work` itself goes on and is left to the clean-up. */
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
