// Which source offsets the records of a dense batch bear: a flat list of pairs, the index of a record in the batch and its offset.
// One pair for the first record, one more wherever an offset does not follow the one before.
export type Runs = number[]

/** Adds records that lie behind each other on the source, from `offset` on; `index` is the first one's place in the batch. */
export function addRun(runs: Runs, index: number, offset: number): void {
  const { length } = runs
  const [lastIndex, lastOffset] = [runs[length - 2], runs[length - 1]]
  if (lastIndex === undefined || lastOffset === undefined || offset - lastOffset !== index - lastIndex) {
    runs.push(index, offset)
  }
}
