// Links between the pages of the repository lead to existing files and headings.
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'

const root = join(import.meta.dirname, '../../..')
const pages = ['.', 'bench', 'docs'].flatMap((folder) =>
  readdirSync(join(root, folder), { encoding: 'utf8', recursive: folder === 'docs' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name)),
)

/** Anchors of headings as GitHub generates them. */
function anchorsOf(file: string): Set<string> {
  const headings = readFileSync(file, 'utf8').matchAll(/^#+ (.+)$/gm)
  return new Set(
    [...headings].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  )
}

test('every link of a page leads to an existing file of the repository, and to an existing heading', () => {
  const broken = pages.flatMap((page) => {
    const file = join(root, page)
    const links = readFileSync(file, 'utf8').matchAll(/\]\((?!https?:)([^)\s]+)\)/g)
    return [...links].flatMap(([, link = '']) => {
      const [path = '', anchor] = link.split('#')
      const to = path === '' ? file : join(dirname(file), path)
      const isThere = existsSync(to) && (anchor === undefined || anchorsOf(to).has(anchor))
      return isThere ? [] : [`${page}: ${link}`]
    })
  })
  assert.deepEqual(broken, [])
  assert.ok(pages.includes('docs/README.md'))
})

test('every page of docs is in the index of docs or of docs/adr', () => {
  const index = readFileSync(join(root, 'docs/README.md'), 'utf8')
  const missing = pages
    .filter((page) => page.startsWith('docs/') && !page.startsWith('docs/adr/') && page !== 'docs/README.md')
    .filter((page) => !index.includes(`(${page.slice('docs/'.length)}`))
  assert.deepEqual(missing, [])
})
