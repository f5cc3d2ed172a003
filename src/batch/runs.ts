// The source offsets of the records of a batch: a flat list of pairs of record index and source offset.
// There is a pair for the first record, and for each record whose source offset does not directly follow the one before.
export type Runs = number[]

/** Adds records with consecutive source offsets from `offset` on. @param index of the first of them in the batch */
export function addRun(runs: Runs, index: number, offset: number): void {
  const { length } = runs
  const [lastIndex, lastOffset] = [runs[length - 2], runs[length - 1]]
  if (lastIndex === undefined || lastOffset === undefined || offset - lastOffset !== index - lastIndex) {
    runs.push(index, offset)
  }
}
