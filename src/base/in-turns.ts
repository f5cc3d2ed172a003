// Bounded concurrency: without a limit a broker would receive thousands of requests at once.

/**
 * Runs `act` for each item, at most `most` at once. Returns the results in the order of the items.
 * @throws the first error that `act` throws; calls already started are not awaited
 */
export async function mapConcurrently<T, R>(
  items: Iterable<T>,
  most: number,
  act: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = []
  const left = [...items].entries()
  const next = async (): Promise<void> => {
    for (const [at, item] of left) results[at] = await act(item)
  }
  await Promise.all(Array.from({ length: most }, next))
  return results
}
