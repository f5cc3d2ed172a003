// What goes wrong in the demo on purpose: one sentence with the cause, one with the remedy, never a stack trace.

export class DemoProblem extends Error {
  readonly remedy: string | undefined

  constructor(sentence: string, remedy?: string, cause?: unknown) {
    super(sentence, { cause })
    this.name = 'DemoProblem'
    this.remedy = remedy
  }
}

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
