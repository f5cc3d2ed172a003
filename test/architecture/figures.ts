// Prints figures of the source structure: `bin/node24 test/architecture/figures.ts`.
import { circlesOf, doorsOf, readSources, roomOf } from './house.ts'

const files = readSources('src/**/*.ts')
const importers = new Map<string, Set<string>>()
for (const { path, imports } of files.values())
  for (const { file } of imports) importers.set(file, (importers.get(file) ?? new Set()).add(path))
const lines = [...files.values()].map(({ text }) => text.split('\n').length - 1).sort((a, b) => a - b)
const at = (share: number) => lines[Math.floor(lines.length * share)] ?? 0
const doors = [...doorsOf(files)].sort(([, a], [, b]) => b.size - a.size)

console.log(
  `rooms ${new Set([...files.keys()].map(roomOf)).size}, files ${files.size}, lines ${lines.reduce((a, b) => a + b, 0)}`,
)
console.log(
  `file: median ${at(0.5)} lines, p90 ${at(0.9)}; shorter than 25 lines: ${lines.filter((n) => n < 25).length}`,
)
console.log(`imported by one file only: ${[...importers.values()].filter(({ size }) => size === 1).length}`)
console.log(
  `doors ${doors.reduce((sum, [, own]) => sum + own.size, 0)}: ${doors.map(([room, own]) => `${room} ${own.size}`).join(', ')}`,
)
for (const withTypes of [false, true])
  console.log(`circles${withTypes ? ', types counted' : ''}: ${JSON.stringify(circlesOf(files, withTypes))}`)
