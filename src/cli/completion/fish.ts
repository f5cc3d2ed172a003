// The completion script for fish 3 and newer.
import { type CompletedCommand, firstWords, subcommands, type ValueKind } from './words.ts'

/** A script to be sourced, or to be put into fish's completions folder as godwit.fish. */
export function fishScript(commands: readonly CompletedCommand[]): string {
  const first = [...firstWords(commands), ['help', 'Explains a command.'] as const]
  const named = first.flatMap(([word, what]) =>
    ['__godwit_at', '__godwit_at help'].map((when) => offer(when, word, what)),
  )
  const second = [...subcommands(commands)].flatMap(([word, list]) =>
    list.flatMap(({ words, summary }) =>
      [`__godwit_at ${word}`, `__godwit_at help ${word}`].map((when) => offer(when, words[1] ?? '', summary)),
    ),
  )
  return `# fish completion of godwit; made by: godwit completion fish
# For this shell: godwit completion fish | source
# For all: godwit completion fish > ~/.config/fish/completions/godwit.fish

# The words in front of the cursor begin with these.
function __godwit_in
    set -l words (commandline -opc)
    set -e words[1]
    test (count $words) -ge (count $argv); or return 1
    for word in $argv
        test "$words[1]" = "$word"; or return 1
        set -e words[1]
    end
end

# The words in front of the cursor are these.
function __godwit_at
    set -l words (commandline -opc)
    test (count $words) -eq (math (count $argv) + 1); or return 1
    test (count $argv) -eq 0; or __godwit_in $argv
end

complete -c godwit -e
complete -c godwit -f
complete -c godwit -n __godwit_at -l help -d 'Print all commands.'
complete -c godwit -n __godwit_at -l version -d 'Print the version.'
${[...named, ...second, ...commands.flatMap(commandLines)].join('\n')}
`
}

function commandLines({ words, options, argument }: CompletedCommand): string[] {
  const when = quoted(`__godwit_in ${words.join(' ')}`)
  const flags = options.map(
    ({ name, doc, value }) =>
      `complete -c godwit -n ${when} -l ${name.slice(2)}${value ? ` ${valueArguments(value.kind)}` : ''} -d ${quoted(doc)}`,
  )
  const own = argument === 'unknown' ? [] : [`complete -c godwit -n ${when} ${argumentOf(argument)}`]
  return [...flags, ...own]
}

function valueArguments(kind: ValueKind): string {
  if (kind === 'file') return '-r -F'
  if (kind === 'directory') return "-x -a '(__fish_complete_directories)'"
  return kind === 'unknown' ? '-x' : `-x -a ${quoted(kind.words.join(' '))}`
}

function argumentOf(kind: Exclude<ValueKind, 'unknown'>): string {
  if (kind === 'file') return '-F'
  return kind === 'directory' ? "-a '(__fish_complete_directories)'" : `-a ${quoted(kind.words.join(' '))}`
}

const offer = (when: string, word: string, what: string) =>
  `complete -c godwit -n ${quoted(when)} -a ${word} -d ${quoted(what)}`

const quoted = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
