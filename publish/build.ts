// npm run build: what is published, for Node strips no types within node_modules. One file per part that is loaded on its own,
// in place of some hundred small ones: a start takes half as long (ADR 0014). A checkout runs its sources and needs none of this.
import { cpSync, mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'

const root = join(import.meta.dirname, '..')

/** Beside the program itself, what is loaded by its name rather than imported. */
const entries = ['src/main.ts', 'src/kafka/connection/library-stand-ins.ts', 'src/config/dialects/resource.ts']

/** Writes dist/ below `folder`. @throws Error with what esbuild says of the sources */
export async function buildInto(folder: string): Promise<void> {
  const outdir = join(folder, 'dist')
  rmSync(outdir, { recursive: true, force: true })
  await build({
    absWorkingDir: root,
    entryPoints: entries,
    entryNames: '[name]',
    outdir,
    bundle: true,
    splitting: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node24',
    logLevel: 'error',
  })
}

/** The package in an empty or new `folder`, with the dependencies of this checkout. Gives its program. @throws Error as buildInto */
export async function installInto(folder: string): Promise<string> {
  mkdirSync(folder, { recursive: true })
  for (const part of ['bin', 'package.json']) cpSync(join(root, part), join(folder, part), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  await buildInto(folder)
  return join(folder, 'bin/godwit')
}

if (import.meta.main) await buildInto(root)
