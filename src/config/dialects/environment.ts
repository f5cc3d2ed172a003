// `$NAME` and `${NAME}` in values, which the Charmed Kafka guides write for a shell to replace; `${provider:key}` is not changed.
// A name is replaced only if the environment has it, so that `$ConnectionString` or the `$` of a regular expression stay.

/** The result for a value: the text with variables replaced, and the names that are not in the environment. */
interface Expanded {
  readonly text: string
  readonly used: readonly string[]
  readonly missing: readonly string[]
}

/** The variable that is the whole text, and so was not in the environment. */
export const unsetVariable = (text: string): string | undefined =>
  /^\s*\$(?:\{([A-Za-z_][A-Za-z0-9_]*)\}|([A-Za-z_][A-Za-z0-9_]*))\s*$/.exec(text)?.slice(1).find(Boolean)

/** A reference to a config provider is matched first, so that its content is not changed. */
const reference = /\$\{[^}]*:[^}]*\}|\$\{([A-Za-z_][A-Za-z0-9_]*)\}|\$([A-Za-z_][A-Za-z0-9_]*)/g

/**
 * What a shell's `"...\;"` leaves at the end of a login module. Java would remove the backslash when it reads the file that a guide
 * writes.
 */
const escapedEnd = /(?<=\s(?:required|requisite|sufficient|optional)\s[\s\S]*)\\;\s*$/

/**
 * Replaces variables in `value`. The value of a variable is inserted unchanged, without escapes and further variables, except for
 * the escaped semicolon at the end of a login module, which no login module can end with. `literalDollars` are positions of `$`
 * written as `\$`, which stay; `$_` is never a variable (shells always set it).
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
