// `$NAME` and `${NAME}` in values, as the charm guides write them for a shell to fill in; `${provider:key}` is left alone.
// A name is replaced only if the environment has it, so `$ConnectionString` or a regular expression's `$` stay what they are.

/** What became of a value: the text with the variables put in, and the names the environment did not have. */
interface Expanded {
  readonly text: string
  readonly used: readonly string[]
  readonly missing: readonly string[]
}

/** The variable a text still consists of, i.e. one that the environment does not have. */
export const unsetVariable = (text: string): string | undefined =>
  /^\s*\$(?:\{([A-Za-z_][A-Za-z0-9_]*)\}|([A-Za-z_][A-Za-z0-9_]*))\s*$/.exec(text)?.slice(1).find(Boolean)

/** A reference to a config provider comes first: what is inside it is not looked at. */
const reference = /\$\{[^}]*:[^}]*\}|\$\{([A-Za-z_][A-Za-z0-9_]*)\}|\$([A-Za-z_][A-Za-z0-9_]*)/g

/** What a shell's `"...\;"` leaves at the end of a login module; the file that a guide writes it to would drop the backslash. */
const escapedEnd = /(?<=\s(?:required|requisite|sufficient|optional)\s[\s\S]*)\\;\s*$/

/**
 * Replaces variables in `value`. The text of a variable goes in as it is: no escapes, no further variables; but for the
 * escaped semicolon at the end of a login module, which no module can end with.
 * `literalDollars` are places of `$` signs that were written `\$` and stay; `$_` is never a variable (shells always set it).
 */
export function expandVariables(
  value: string,
  literalDollars: readonly number[],
  environment: (name: string) => string | undefined,
): Expanded {
  const used: string[] = []
  const missing: string[] = []
  const text = value.replaceAll(reference, (whole: string, braced?: string, bare?: string, at?: number) => {
    const name = braced ?? bare
    if (name === undefined || name === '_' || literalDollars.includes(at ?? -1)) return whole
    const content = environment(name)
    ;(content === undefined ? missing : used).push(name)
    return content?.replace(escapedEnd, ';') ?? whole
  })
  return { text, used, missing }
}
