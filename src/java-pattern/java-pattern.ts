// Translates Java regular expressions to JavaScript ones that match the same names, or rejects them with a reason and a remedy.
// This folder only depends on java.util.regex semantics, not on Kafka.
import { Failure } from '../base/failure.ts'
import { Refusal } from './translate/cursor.ts'
import { translatePattern } from './translate/translate.ts'

/**
 * A RegExp that matches exactly the names that Java's `Pattern.compile(text).matcher(name).matches()` accepts, so it matches
 * whole names. @throws Failure CONFIG_INVALID if Java rejects the pattern too, or if it contains a construct without equivalent:
 * back references, (?x), (?U), (?u) together with (?i), \X, \G, \b{g}, \N{..}, Unicode blocks, Java's own character methods.
 */
export function compileJavaPattern(text: string): RegExp {
  try {
    return new RegExp(`^(?:${translatePattern(text)})$`, 'v')
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    throw new Failure('CONFIG_INVALID', `the pattern ${text} cannot be used: ${error.message}`, {
      remedy: error.remedy ?? suggestion(text),
    })
  }
}

/**
 * The patterns of a list, joined by `|` before they are compiled, as Kafka's filters do. So an inline flag applies to the items
 * after it, and a parenthesis can open in one item and close in another. An empty list matches nothing.
 * @throws Failure as compileJavaPattern, with the invalid item if there is one
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

/** A remedy for frequent mistakes: shell wildcards, or a repetition that was split at its comma. */
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
    translatePattern(text)
    return true
  } catch {
    return false
  }
}
