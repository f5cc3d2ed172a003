// Features of this terminal: colours, and characters beyond ASCII.
import type { TerminalFeatures } from '../screen/spans.ts'

/**
 * Colours unless NO_COLOR is set to a non-empty value (no-color.org). Unicode with a UTF-8 locale, but not on the Linux
 * console, whose fonts lack the needed characters.
 */
export function terminalFeatures(environment: Readonly<Record<string, string | undefined>>): TerminalFeatures {
  const { NO_COLOR = '', LC_ALL = '', LC_CTYPE = '', LANG = '', TERM = '' } = environment
  const locale = LC_ALL || LC_CTYPE || LANG
  return { colours: NO_COLOR === '', unicode: /utf-?8/i.test(locale) && TERM !== 'linux' }
}
