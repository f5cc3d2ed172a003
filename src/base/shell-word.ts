// Shell quoting for commands that are printed for an operator.

/** Characters that break the line, control the terminal, or are invisible. */
const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u

/** The word quoted for a POSIX shell: unchanged if that is safe, else in quotes; with invisible characters as bash's $'...'. */
export function shellWord(word: string): string {
  if (/^[\w.,:/@%+=-]+$/.test(word)) return word
  if (!unseen.test(word)) return `'${word.replaceAll("'", `'\\''`)}'`
  const escaped = word.replaceAll(/['\\]/g, '\\$&').replaceAll(new RegExp(unseen, 'gu'), escapedControl)
  return `$'${escaped}'`
}

/** A godwit option with several values, e.g. `--group a 'b c'`. If a value begins with a dash, `--group=VALUE` is used for each. */
export function optionWords(option: string, words: readonly string[]): string {
  if (words.some((word) => word.startsWith('-'))) return words.map((word) => `${option}=${shellWord(word)}`).join(' ')
  return `${option} ${words.map(shellWord).join(' ')}`
}

/** The UTF-8 bytes of a character as \xNN. */
function escapedControl(letter: string): string {
  return [...Buffer.from(letter)].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')
}
