// Java regular expressions as JavaScript ones that accept the same names: translated, or refused with a reason and a fix.
// What Java does with a pattern depends on java.util.regex alone, so this knows nothing of Kafka.
import { Failure } from '../base/failure.ts'
import { Refusal } from './translate/cursor.ts'
import { translate } from './translate/translate.ts'

/**
 * A RegExp that is true for exactly the names that Java's `Pattern.compile(text).matcher(name).matches()` accepts, i.e.
 * it matches whole names. Throws CONFIG_INVALID where Java refuses the pattern too, and for what has no equivalent:
 * back references, (?x), (?U), (?u) together with (?i), \X, \G, \b{g}, \N{..}, Unicode blocks, Java's own character methods.
 */
export function compileJavaPattern(text: string): RegExp {
  try {
    return new RegExp(`^(?:${translate(text)})$`, 'v')
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    throw new Failure('CONFIG_INVALID', `the pattern ${text} cannot be used: ${error.message}`, {
      remedy: error.remedy ?? suggestion(text),
    })
  }
}

/**
 * The patterns of a list as Kafka's filters see them: joined by `|` before they are compiled, so that an inline flag
 * reaches the items behind it and a parenthesis may open in one item and close in another. An empty list matches nothing.
 * Throws as compileJavaPattern does, naming the item at fault where one is.
 */
export function compileJavaPatterns(items: readonly string[]): RegExp {
  if (items.length === 0) return /(?!)/v
  try {
    return compileJavaPattern(items.join('|'))
  } catch (error) {
    for (const item of items) compileJavaPattern(item)
    throw error
  }
}

/** What was probably meant: a shell's wildcards, or a repetition that a list has cut at its comma. */
function suggestion(text: string): string {
  const meant = text.replaceAll(/(^|[(|])([*+?])/g, (_all, before: string, meta: string) =>
    meta === '?' ? `${before}.` : `${before}.${meta}`,
  )
  if (meant !== text && isUsable(meant)) return `write ${meant}`
  if (/\{\d+$/.test(text) || /^\d*\}/.test(text)) {
    return 'a comma always separates two patterns of a list: write out the repetition, e.g. (x|xx|xxx) for x{1,3}'
  }
  return 'see the documentation of java.util.regex.Pattern; a backslash must be doubled in a properties file'
}

function isUsable(text: string): boolean {
  try {
    translate(text)
    return true
  } catch {
    return false
  }
}
