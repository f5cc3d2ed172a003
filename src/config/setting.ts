// The declaration of a setting: name, type, default, range, effect and text. Parsing, the reference page, the origins in `config
// show`, and the compiled defaults all use it.

type SettingType = 'string' | 'boolean' | 'int' | 'short' | 'long' | 'double' | 'list' | 'class' | 'password'
type Importance = 'high' | 'medium' | 'low'

/**
 * acted on: has the same effect as in Kafka. not yet: read, but without effect so far. no effect: meaningless here. refused: only
 * its default is accepted.
 */
export type Effect = 'acted on' | 'not yet' | 'no effect' | 'refused'

/** Which values are accepted, in addition to the limits of the type. */
export interface Range {
  readonly min?: number
  readonly max?: number
  /** zero is between the limits, but is refused */
  readonly notZero?: boolean
  /** the pattern that a text must match, and its description */
  readonly pattern?: RegExp
  readonly words?: string
  readonly choices?: readonly string[]
  /** choices are compared without regard to letter case */
  readonly anyCase?: boolean
}

export interface Setting {
  /** Kafka's name of the key, without any prefix */
  readonly name: string
  readonly type: SettingType
  /** Kafka's default as text; null: none */
  readonly default: string | null
  /** the default in godwit if it is not Kafka's, and who sets it */
  readonly ownDefault?: { readonly value: string; readonly setBy: 'godwit' | 'MM2' }
  readonly required?: boolean
  readonly range?: Range
  /** a list that may not be empty */
  readonly nonEmpty?: boolean
  /** a list that Kafka checks in another way: empty and duplicated items are not refused */
  readonly anyItems?: boolean
  /** the field of the model with the parsed value; absent: code under `compile` uses the value */
  readonly field?: string
  readonly importance: Importance
  readonly effect: Effect
  /** the text of the reference page: what the setting does, with units */
  readonly docs: string
  /** what MM2 does with another value and godwit does not, reported if a file sets one; absent: it only tunes MM2 itself */
  readonly reported?: string
  /** values without effect in MM2 too, in addition to the default */
  readonly harmless?: readonly string[]
  /** it concerns only MM2, and is not reported */
  readonly silent?: boolean
  /** what the newest Kafka has changed for this key, if an older one differs */
  readonly change?: string
}

declare const rows: unique symbol

/** The settings of one of Kafka's definitions, by name. `Row` contains their names, types and choices for the compiler only. */
export type Definition<Row extends Setting = Setting> = ReadonlyMap<string, Setting> & { readonly [rows]?: Row }

/** The settings of a definition, as the compiler knows them. */
export type RowOf<Of extends Definition> = Of extends { readonly [rows]?: infer Row extends Setting } ? Row : never

/** The names of those settings of a table that have one of these types. */
export type NameOf<Row extends Setting, Type extends SettingType = SettingType> = Extract<
  Row,
  { readonly type: Type }
>['name']

/** The texts that a setting can have: its choices, unless they are compared without regard to letter case. */
export type TextOf<Row extends Setting, Name extends string> =
  Extract<Row, { readonly name: Name }> extends { readonly range: infer Choosable }
    ? Choosable extends { readonly anyCase: true }
      ? string
      : Choosable extends { readonly choices: readonly (infer Choice)[] }
        ? Choice
        : string
    : string

/** The parsed type of a setting: a boolean, a number, a text or a list of texts. */
type ValueOf<Row extends Setting> = Row['type'] extends 'boolean'
  ? boolean
  : Row['type'] extends 'list'
    ? readonly TextOf<Row, Row['name']>[]
    : Row['type'] extends 'int' | 'short' | 'long' | 'double'
      ? number
      : TextOf<Row, Row['name']>

/** The values of those settings that name a field, by field. */
export type FieldsOf<Row extends Setting> = {
  readonly [Each in Row as Each extends { readonly field: infer Field extends string } ? Field : never]: ValueOf<Each>
}

/** A table of settings. The compiler knows its names, types and choices. */
export const table = <const Rows extends readonly Setting[]>(rows: Rows): Rows => rows

/** One definition of several tables. Of equal names the last one is used. */
export function definition<const Tables extends readonly (readonly Setting[])[]>(
  ...tables: Tables
): Definition<Tables[number][number]> {
  return new Map(tables.flat().map((setting: Setting) => [setting.name, setting]))
}

/** The settings with these names. */
export function only<Row extends Setting, Name extends Row['name']>(
  settings: readonly Row[],
  ...names: readonly Name[]
): Extract<Row, { readonly name: Name }>[] {
  return settings.filter((setting): setting is Extract<Row, { readonly name: Name }> =>
    (names as readonly string[]).includes(setting.name),
  )
}

/** All settings except those with these names. */
export function without<Row extends Setting, Name extends Row['name']>(
  settings: readonly Row[],
  ...names: readonly Name[]
): Exclude<Row, { readonly name: Name }>[] {
  return settings.filter(
    (setting): setting is Exclude<Row, { readonly name: Name }> => !(names as readonly string[]).includes(setting.name),
  )
}

/** The default of a setting as text: godwit's own, else Kafka's; empty if there is none. */
export function defaultOf<Row extends Setting>(settings: Iterable<Row>, name: Row['name']): string {
  const setting = [...settings].find((one) => one.name === name)
  return setting?.ownDefault?.value ?? setting?.default ?? ''
}

/** The range of a setting in words; undefined if the type is the only limit. */
export function rangeText({ min, max, notZero, choices, words }: Range = {}): string | undefined {
  if (choices !== undefined) return choices.join(', ')
  if (words !== undefined) return words
  if (min === -1 && notZero) return '-1, or 1 or more'
  if (min !== undefined && max !== undefined) return `${min} to ${max}`
  if (min !== undefined) return `${min} or more`
  return max === undefined ? undefined : `at most ${max}`
}
