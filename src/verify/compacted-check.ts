// Compares a compacted partition. The log cleaners of both clusters leave different records, so only those that both must have are
// compared: the last record of every key, and their order. If the keys do not fit into memory, they are compared in portions.
import { counted } from '../base/counted.ts'
import { Failure } from '../base/failure.ts'
import { sleep } from '../base/retry.ts'
import {
  BYTES_PER_KEY,
  type KeyHash,
  KeyTable,
  keyHashOf,
  type LastRecords,
  type SideName,
} from './compare/key-table.ts'
import { briefOf, differingFields, type RecordBrief } from './compare/seen.ts'
import { RecordStream } from './compare/tape.ts'
import type { CountCheckParts } from './count-check.ts'
import { type Difference, moreSevere } from './outcome.ts'
import { logShrunk } from './range-check.ts'
import type { PartitionSide } from './read/side.ts'

interface CompactedCheckParts extends CountCheckParts {
  /** the target is compacted, so it refuses records without a key */
  readonly targetCompacts: boolean
  /** records that only one side has are no difference: on the source below this offset; on the target all of them, if true */
  readonly excused: { readonly sourceBelow: number; readonly target: boolean }
  readonly showRecords: boolean
  readonly maxDifferences: number
  /** maximum size of the table of keys, bytes */
  readonly memoryBytes: number
}

const LARGEST_PORTIONS = 1024
class TableFull extends Error {}

export class CompactedCheck {
  readonly #parts: CompactedCheckParts
  #portions = 1
  #portion = 0
  #withoutKey = { source: 0, target: 0, first: -1 }
  #compared = 0

  constructor(parts: CompactedCheckParts) {
    this.#parts = parts
  }

  /** Compares the partition; the findings are in the outcome. @throws Failure when a side cannot be read */
  async run(): Promise<void> {
    const { outcome, sourceEnd, targetEnd, from } = this.#parts
    outcome.source = { from: from.source, to: sourceEnd }
    outcome.target = { from: from.target, to: targetEnd }
    for (this.#portion = 0; this.#portion < this.#portions; ) {
      try {
        await this.#comparePortion()
        this.#portion++
      } catch (error) {
        if (error instanceof Failure && error.code === 'CORRUPT_BATCH') return this.#damaged(error)
        if (!(error instanceof TableFull) || this.#portions >= LARGEST_PORTIONS)
          throw error
          // Start again with smaller portions.
        ;[this.#portion, this.#portions, this.#compared, outcome.records] = [0, this.#portions * 2, 0, 0]
        outcome.differences.length = 0
      }
    }
    outcome.records = this.#compared
    outcome.notes.push(
      'compacted: the last record of each key was compared, and their order; either side may have removed older records',
    )
    if (this.#portions > 1)
      outcome.notes.push(
        `read ${counted(this.#portions, 'time')}, because the keys do not all fit into memory; order was compared within each portion`,
      )
    await this.#checkWithoutKey()
  }

  async #comparePortion(): Promise<void> {
    const { source, target, from, sourceEnd, targetEnd, outcome } = this.#parts
    const table = new KeyTable(this.#parts.memoryBytes / BYTES_PER_KEY / 2, this.#parts.withTime)
    const [mine, theirs] = [new RecordStream(from.source, sourceEnd), new RecordStream(from.target, targetEnd)]
    this.#withoutKey = { source: 0, target: 0, first: -1 }
    await this.#readInto(table, 'source', source, mine)
    if (!mine.ended) throw logShrunk(source, mine)
    await this.#readInto(table, 'target', target, theirs)
    const open = await this.#settled(table, theirs, mine)
    this.#compared += table.size
    if (open.wrong.length > 0) {
      outcome.verdict = moreSevere(outcome.verdict, open.isLate ? 'notYet' : 'different')
      if (open.isLate)
        outcome.late = `the target does not have the last record of ${counted(open.wrong.length, 'key')} yet`
      else
        for (const one of open.wrong.slice(0, this.#parts.maxDifferences))
          outcome.differences.push(await this.#describe(one))
    }
    this.#compareOrder(table)
    outcome.source = { ...outcome.source, to: mine.limit }
    outcome.target = { ...outcome.target, to: theirs.next }
  }

  /** Waits for records that may still be copied. Changes on the source during the wait are read as well. */
  async #settled(
    table: KeyTable,
    theirs: RecordStream,
    mine: RecordStream,
  ): Promise<{ wrong: LastRecords[]; isLate: boolean }> {
    const { source, target, waitMs, signal, isCopied } = this.#parts
    const since = Date.now()
    table.isSettling = true
    for (;;) {
      const wrong = [...table.all()].filter((one) => this.#isWrong(one))
      if (wrong.length === 0) return { wrong, isLate: false }
      const isLast = Date.now() - since >= waitMs || signal.aborted
      const copied = await isCopied()
      const before = [theirs.next, mine.next]
      theirs.limit = Number.POSITIVE_INFINITY
      await this.#readInto(table, 'target', target, theirs)
      mine.limit = Number.POSITIVE_INFINITY
      await this.#readInto(table, 'source', source, mine)
      const isUnchanged = before[0] === theirs.next && before[1] === mine.next
      if (isUnchanged && (copied || isLast)) return { wrong, isLate: copied === false }
      if (isLast) return { wrong, isLate: true }
      await sleep(100, signal)
    }
  }

  #isWrong({ sourceOffset, targetOffset, same, sourceTombstone, targetTombstone }: LastRecords): boolean {
    const { excused } = this.#parts
    if (sourceOffset >= 0 && targetOffset >= 0) return !same
    // The cleaner removes a tombstone after a while, together with its key; and the oldest records may have been deleted.
    if (sourceOffset >= 0) return !sourceTombstone && sourceOffset >= excused.sourceBelow
    return !targetTombstone && !excused.target
  }

  async #readInto(table: KeyTable, name: SideName, side: PartitionSide, stream: RecordStream): Promise<void> {
    for (;;) {
      while (stream.ready()) {
        stream.open()
        for (; stream.walk !== undefined && !stream.ended; stream.takeRecord()) {
          const key = keyHashOf(stream.walk)
          if (!key) this.#noteWithoutKey(name, stream.walk.offset)
          else if (this.#isInPortion(key) && !table.put(name, key, stream.walk)) throw new TableFull()
        }
      }
      if (stream.ended || (await side.fill(stream)) !== 'moved') return
    }
  }

  #noteWithoutKey(side: SideName, offset: number): void {
    if (side === 'source' && offset < this.#parts.excused.sourceBelow) return
    this.#withoutKey[side]++
    if (side === 'source' && this.#withoutKey.first < 0) this.#withoutKey.first = offset
  }

  /** The log cleaner removes records without a key sooner or later; a compacted target refuses them, which stops copying the partition. */
  async #checkWithoutKey(): Promise<void> {
    const { outcome, targetCompacts, isCopied } = this.#parts
    const { source, target, first } = this.#withoutKey
    if (source + target > 0)
      outcome.notes.push(`records without a key were only counted: ${source} on the source, ${target} on the target`)
    if (target >= source) return
    const why = targetCompacts ? ': a compacted topic does not accept them' : ''
    const sentence = `${source - target} of ${counted(source, 'record')} without a key, the first at source offset ${first}, ${source - target === 1 ? 'is' : 'are'} not on the target${why}`
    if (targetCompacts || (await isCopied()) === true) {
      outcome.differences.push({ kind: 'missing', sourceOffset: first, records: source - target, sentence })
      outcome.verdict = moreSevere(outcome.verdict, 'different')
    } else {
      outcome.late = sentence
      outcome.verdict = moreSevere(outcome.verdict, 'notYet')
    }
  }

  #isInPortion({ a }: KeyHash): boolean {
    return this.#portions === 1 || (a >>> 16) % this.#portions === this.#portion
  }

  #compareOrder(table: KeyTable): void {
    const { source, target } = table.common()
    const { outcome, maxDifferences } = this.#parts
    for (let at = 1; at < target.length && outcome.differences.length < maxDifferences; at++) {
      if ((target[at] as number) > (target[at - 1] as number)) continue
      const [sourceOffset, targetOffset] = [source[at] as number, target[at] as number]
      const sentence = `the record at source offset ${sourceOffset} is at another position on the target: offset ${targetOffset}, before offset ${target[at - 1]}`
      outcome.differences.push({ kind: 'reordered', sourceOffset, targetOffset, sentence })
      outcome.verdict = moreSevere(outcome.verdict, 'different')
    }
  }

  async #describe({ sourceOffset, targetOffset }: LastRecords): Promise<Difference> {
    const { source, target, withTime } = this.#parts
    const mine = sourceOffset < 0 ? undefined : await this.#brief(source, sourceOffset)
    const theirs = targetOffset < 0 ? undefined : await this.#brief(target, targetOffset)
    if (!mine || !theirs) {
      const kind = mine ? 'missing' : 'extra'
      const offsets = mine ? { sourceOffset, source: mine } : { targetOffset, ...(theirs && { target: theirs }) }
      const where = mine
        ? `source offset ${sourceOffset} is missing on the target`
        : `target offset ${targetOffset} is not on the source`
      return { kind, ...offsets, sentence: `the last record of its key at ${where}` }
    }
    const fields = differingFields(mine, theirs, withTime)
    const sentence = `the last record of the same key differs, source offset ${sourceOffset}, target offset ${targetOffset}: ${fields.join(', ')}`
    return { kind: 'changed', sourceOffset, targetOffset, fields, sentence, source: mine, target: theirs }
  }

  async #brief(side: PartitionSide, offset: number): Promise<RecordBrief | undefined> {
    let brief: RecordBrief | undefined
    await side.look(offset, (record) => {
      if (record.offset === offset) brief = briefOf(record, this.#parts.showRecords)
      return false
    })
    return brief
  }

  #damaged(failure: Failure): void {
    const { outcome } = this.#parts
    outcome.differences.push({ kind: 'damaged', sentence: failure.message })
    outcome.verdict = 'different'
  }
}
