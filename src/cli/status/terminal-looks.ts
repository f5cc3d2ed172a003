// What may be sent to this terminal: colours, and characters beyond ASCII.
import type { Looks } from '../screen/spans.ts'

/**
 * Colours unless NO_COLOR is set (to anything but nothing, no-color.org); Unicode where the locale is UTF-8, and not on the
 * Linux console, whose fonts lack what a table needs.
 */
export function looksOf(environment: Readonly<Record<string, string | undefined>>): Looks {
  const { NO_COLOR = '', LC_ALL = '', LC_CTYPE = '', LANG = '', TERM = '' } = environment
  const locale = LC_ALL || LC_CTYPE || LANG
  return { colours: NO_COLOR === '', unicode: /utf-?8/i.test(locale) && TERM !== 'linux' }
}
