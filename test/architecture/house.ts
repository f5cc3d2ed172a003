// What the source files import and export, read as text; for the structure tests and figures.
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'

export const root = join(import.meta.dirname, '../..')

/** An import of another source file. */
export interface Import {
  /** path from the root, e.g. `src/base/failure.ts` */
  readonly file: string
  /** names as the other file exports them; `*` for all (a module that is loaded on demand) */
  readonly names: readonly string[]
  /** only types are imported, which do not exist at run time */
  readonly isType: boolean
}

export interface SourceFile {
  /** path from the root, e.g. `src/base/failure.ts` */
  readonly path: string
  readonly text: string
  readonly imports: readonly Import[]
  /** everything it imports, as written: files, packages, modules loaded on demand */
  readonly specifiers: readonly string[]
  /** names that it declares and exports */
  readonly declares: readonly string[]
  /** names that it exports, including those of other files */
  readonly exports: readonly string[]
}

const clause = /^(?:import|export)\s+(type\s+)?(?:\{([^}]*)\}|\*\s+as\s+\w+|\w+)\s+from\s+'(\.[^']+)'/gm
const lazy = /\bimport\('(\.[^']+)'\)/g
const specifier =
  /^\s*(?:import|export)\b[^'"]*?from\s+['"]([^'"]+)['"]|^\s*import\s+['"]([^'"]+)['"]|\b(?:import|load|require)\(['"]([^'"]+)['"]\)/gm
const declared =
  /^export\s+(?:declare\s+)?(?:abstract\s+)?(?:async\s+)?(?:const|let|function\*?|class|interface|type)\s+(\w+)/gm
const listed = /^export\s+(?:type\s+)?\{([^}]*)\}/gm

/** @param pattern e.g. `src/**\/*.ts` @returns the files, by path */
export function readSources(pattern: string): ReadonlyMap<string, SourceFile> {
  const paths = globSync(pattern, { cwd: root }).map((path) => path.replaceAll('\\', '/'))
  return new Map(paths.map((path) => [path, read(path)]))
}

function read(path: string): SourceFile {
  const text = readFileSync(join(root, path), 'utf8')
  const at = (target: string) => normalize(join(dirname(path), target)).replaceAll('\\', '/')
  const named = [...text.matchAll(clause)].map(([, type, names, target = '']) => {
    const parts = (names ?? '*')
      .split(',')
      .map((part) => part.trim())
      .filter(Boolean)
    const isType = type !== undefined || parts.every((part) => part.startsWith('type '))
    return { file: at(target), names: parts.map((part) => original(part)), isType }
  })
  const loaded = [...text.matchAll(lazy)].map(([, target = '']) => ({ file: at(target), names: ['*'], isType: false }))
  const own = [...text.matchAll(declared)].map(([, name = '']) => name)
  const lists = [...text.matchAll(listed)].flatMap(([, names = '']) => names.split(',').map((part) => part.trim()))
  return {
    ...{ path, text, imports: [...named, ...loaded], declares: own },
    specifiers: [...text.matchAll(specifier)].map((found) => found[1] ?? found[2] ?? found[3] ?? ''),
    exports: [...own, ...lists.filter(Boolean).map(alias)],
  }
}

/** `type A as B` -> A */
const original = (part: string) => part.replace(/^type\s+/, '').replace(/\s+as\s+.*$/, '')
/** `type A as B` -> B */
const alias = (part: string) => part.replace(/^type\s+/, '').replace(/^.*\s+as\s+/, '')

/** The room of a file: the folder below `src`, or the file itself. */
export const roomOf = (path: string) => path.split('/')[1] ?? ''

/**
 * Import cycles (Tarjan's strongly connected components): each a list of files that import one another.
 * @param withTypes include imports of types
 */
export function circlesOf(files: ReadonlyMap<string, SourceFile>, withTypes: boolean): string[][] {
  const [index, low] = [new Map<string, number>(), new Map<string, number>()]
  const [stack, found]: [string[], string[][]] = [[], []]
  const targets = (path: string) =>
    (files.get(path)?.imports ?? []).filter(({ file, isType }) => files.has(file) && (withTypes || !isType))
  const lower = (path: string, to = 0) => low.set(path, Math.min(low.get(path) ?? 0, to))
  const visit = (path: string): void => {
    index.set(path, index.size)
    low.set(path, index.get(path) ?? 0)
    stack.push(path)
    for (const { file } of targets(path)) {
      if (!index.has(file)) visit(file)
      if (stack.includes(file)) lower(path, low.get(file))
    }
    if (low.get(path) !== index.get(path)) return
    const members = stack.splice(stack.indexOf(path))
    if (members.length > 1) found.push(members.sort())
  }
  for (const path of files.keys()) if (!index.has(path)) visit(path)
  return found
}

/** By room: files that are imported from outside the room. */
export function doorsOf(files: ReadonlyMap<string, SourceFile>): Map<string, Set<string>> {
  const doors = new Map<string, Set<string>>()
  for (const { path, imports } of files.values()) {
    for (const { file } of imports) {
      if (!files.has(file) || roomOf(file) === roomOf(path)) continue
      doors.set(roomOf(file), (doors.get(roomOf(file)) ?? new Set()).add(file))
    }
  }
  return doors
}
