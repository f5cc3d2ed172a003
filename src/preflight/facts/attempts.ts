// Readings that may fail without keeping the others back.
import { Failure } from '../../base/failure.ts'

/** @template What names what is read */
export class Attempts<What extends string> {
  /** what could not be read, in the order in which it failed */
  readonly failed: { readonly what: What; readonly failure: Failure }[] = []

  /** Gives what is read; undefined, with a note in `failed`, where that fails. @throws whatever is no Failure */
  async of<T>(what: What, reading: Promise<T>): Promise<T | undefined> {
    try {
      return await reading
    } catch (failure) {
      if (!(failure instanceof Failure)) throw failure
      this.failed.push({ what, failure })
      return undefined
    }
  }
}
