// Many things to do, a few at a time: a broker would else have thousands of requests at once, and we their answers.

/**
 * Does `act` for each item, so many at once. Gives the results in the order of the items.
 * @throws the first thing that `act` throws; what was begun by then is not waited for
 */
export async function inTurns<T, R>(items: Iterable<T>, most: number, act: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  const left = [...items].entries()
  const next = async (): Promise<void> => {
    for (const [at, item] of left) results[at] = await act(item)
  }
  await Promise.all(Array.from({ length: most }, next))
  return results
}
