// Words of commands that are printed for an operator to type.

/** Characters that would leave the line, or steer a terminal, or not be seen at all. */
const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u

/** The word as a POSIX shell takes it back: as it is where that is safe, else in quotes; with characters that are not seen as bash's $'...'. */
export function shellWord(word: string): string {
  if (/^[\w.,:/@%+=-]+$/.test(word)) return word
  if (!unseen.test(word)) return `'${word.replaceAll("'", `'\\''`)}'`
  const escaped = word.replaceAll(/['\\]/g, '\\$&').replaceAll(new RegExp(unseen, 'gu'), escapedControl)
  return `$'${escaped}'`
}

/** An option of godwit that takes several words, e.g. `--group a 'b c'`; a word that begins with a dash is bound to the option. */
export function optionWords(option: string, words: readonly string[]): string {
  if (words.some((word) => word.startsWith('-'))) return words.map((word) => `${option}=${shellWord(word)}`).join(' ')
  return `${option} ${words.map(shellWord).join(' ')}`
}

/** ASCII by its code; those above it in two bytes of UTF-8. */
function escapedControl(letter: string): string {
  return [...Buffer.from(letter)].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')
}
