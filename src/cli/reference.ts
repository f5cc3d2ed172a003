// The command reference in Markdown, generated from the table of commands.

import { failures } from '../base/failure.ts'
import { markdownTable } from '../base/markdown-table.ts'
import { optionsOf } from './arguments.ts'
import type { Command } from './command.ts'
import { exits } from './exit-codes.ts'
import { optionText } from './help.ts'

/** docs/reference/commands.md. */
export function commandsReference(commands: readonly Command[]): string {
  const head = [
    '# Commands',
    '',
    'Generated from the table in `src/cli/commands.ts`; `godwit COMMAND --help` prints the same.',
    '',
    'Results go to standard output, log and failures to standard error. A failure is one sentence with its location, cause',
    'and remedy. An option with a value can also be set by an environment variable: `--http` by `GODWIT_HTTP`. The first SIGTERM or SIGINT ends a command cleanly, a second one immediately.',
  ]
  return `${[...head, ...commands.flatMap(commandSection), ...exitCodes()].join('\n')}\n`
}

function commandSection(command: Command): string[] {
  const rows = Object.entries(optionsOf(command)).map(([name, option]) => [
    `\`${optionText(name, option)}\``,
    option.doc,
  ])
  return [
    '',
    `## godwit ${command.name}`,
    '',
    command.summary,
    '',
    '```',
    `godwit ${command.usage}`,
    '```',
    '',
    ...markdownTable(['option', 'meaning'], rows),
    ...(command.notes ?? []).flatMap((note) => ['', note]),
    ...exampleLines(command),
  ]
}

function exampleLines({ examples = [] }: Command): string[] {
  if (examples.length === 0) return []
  return ['', '```', ...examples.flatMap(([words, what]) => [`# ${what}`, `godwit ${words}`]), '```']
}

/** Exit codes in ascending order, with the failures that cause each of them. */
function exitCodes(): string[] {
  const byExit = Map.groupBy(Object.entries(failures), ([, row]) => row.exit)
  const rows = [...byExit].sort(([a], [b]) => a - b)
  return [
    '',
    '## Exit codes',
    '',
    ...markdownTable(
      ['code', 'when'],
      [
        ['0', 'done, the answer is yes, or stopped cleanly by a signal'],
        ...Object.values(exits)
          .filter(({ code }) => code !== 0)
          .map(({ code, meaning }) => [String(code), meaning]),
        ...rows.map(([exit, list]) => {
          const meanings = list.map(([code, row]) => `${row.meaning} (\`${code}\`)`)
          return [String(exit), meanings.join('; ')]
        }),
        ['130, 143', 'ended immediately by a second SIGINT or SIGTERM'],
      ],
    ),
  ]
}
