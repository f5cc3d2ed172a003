// Numbers as text: counts, sizes, rates, durations.
import { plural } from '../../base/counted.ts'

const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB']
const multiples = ['', 'k', 'M', 'G', 'T', 'P']

/** 1234567 -> `1,234,567`. */
export function countText(count: number): string {
  return Math.round(count)
    .toString()
    .replaceAll(/\B(?=(\d{3})+$)/g, ',')
}

/** Number and word: `1,234 topics`, `1 topic`. @param many the plural if it is irregular */
export function countedText(count: number, one: string, many?: string): string {
  return `${countText(count)} ${plural(count, one, many)}`
}

/** `1,234,567` if it takes at most `width` characters, else `1.2M`. */
export function countWithin(count: number, width: number): string {
  const exact = countText(count)
  if (exact.length <= width) return exact
  const [size, step] = scaled(count, multiples.length)
  return `${step > 0 && size < 99.95 ? size.toFixed(1) : Math.round(size)}${multiples[step] ?? ''}`
}

/** 1234567 -> `1.2 MB`, in powers of 1000. */
export function bytesText(bytes: number): string {
  const [size, step] = scaled(bytes, units.length)
  return `${step > 0 && size < 99.95 ? size.toFixed(1) : Math.round(size)} ${units[step] ?? ''}`
}

function scaled(amount: number, steps: number): readonly [size: number, step: number] {
  let [size, step] = [amount, 0]
  while (size >= 999.5 && step < steps - 1) {
    size /= 1000
    step++
  }
  return [size, step]
}

/** A duration in ms with its two largest units: 93784000 -> `1d 2h`. */
export function durationText(ms: number): string {
  const seconds = ms / 1000
  if (seconds < 10) return `${seconds < 0.05 ? '0' : seconds.toFixed(1)}s`
  if (seconds < 59.5) return `${Math.round(seconds)}s`
  const minutes = Math.round(seconds / 60)
  if (seconds < 3570) return `${Math.floor(seconds / 60)}m ${Math.floor(seconds % 60)}s`
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)}h ${minutes % 60}m`
  const days = Math.floor(minutes / 1440)
  return days < 100 ? `${days}d ${Math.floor((minutes % 1440) / 60)}h` : `${days}d`
}
