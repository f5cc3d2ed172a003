// The completion script for zsh.
import { type CompletedCommand, type CompletedOption, firstWords, subcommands, type ValueKind } from './words.ts'

/** A script to be sourced, or to be put on the fpath as _godwit. */
export function zshScript(commands: readonly CompletedCommand[]): string {
  return `#compdef godwit
# zsh completion of godwit; made by: godwit completion zsh
# For this shell: source <(godwit completion zsh)
# For all: godwit completion zsh > ~/.zfunc/_godwit, with fpath+=~/.zfunc in front of compinit

_godwit_first() {
  local -a first=(
${[...firstWords(commands), ['help', 'Explains a command.'] as const].map(described).join('\n')}
  )
  _describe -t commands 'command' first
}

_godwit() {
  if [[ $words[2] == help ]] && (( CURRENT > 2 )); then
    shift words; (( CURRENT-- ))
    (( CURRENT == 2 )) && _godwit_first
    return
  fi
  if (( CURRENT == 2 )); then
    _godwit_first
    [[ $PREFIX == -* ]] && compadd -- --help --version
    return
  fi
  case "$words[2]" in
${[...firstWords(commands).keys()].map((word) => firstCase(word, commands)).join('\n')}
  esac
}

if [[ "$funcstack[1]" == _godwit ]]; then
  _godwit "$@"
else
  compdef _godwit godwit
fi
`
}

function firstCase(word: string, commands: readonly CompletedCommand[]): string {
  const alone = commands.find(({ words }) => words.length === 1 && words[0] === word)
  const below = subcommands(commands).get(word) ?? []
  const own = alone ? argumentsOf(alone, '      ', 1) : ''
  if (below.length === 0) return `    ${word})\n${own}\n      ;;`
  return `    ${word})
      if (( CURRENT == 3 )); then
        local -a second=(
${below.map(({ words, summary }) => described([words[1] ?? '', summary])).join('\n')}
        )
        _describe -t commands 'subcommand' second
      fi
      case "$words[3]" in
${below.map((command) => `        ${command.words[1] ?? ''})\n${argumentsOf(command, '          ', 2)}\n          ;;`).join('\n')}
      esac
${own}
      ;;`
}

/** What follows the words of a command. */
function argumentsOf({ options, argument }: CompletedCommand, indent: string, shifts: number): string {
  const lines = [...options.map(optionSpec), `'*:${argument === 'unknown' ? '' : 'argument'}:${action(argument)}'`]
  return [
    `${indent}shift ${shifts} words; (( CURRENT -= ${shifts} ))`,
    `${indent}_arguments -S \\`,
    `${lines.map((line) => `${indent}  ${line}`).join(' \\\n')}`,
    `${indent}return`,
  ].join('\n')
}

function optionSpec({ name, doc, value }: CompletedOption): string {
  if (!value) return `'${name}[${escaped(doc)}]'`
  return `'${name}=[${escaped(doc)}]:${escaped(value.placeholder)}:${action(value.kind)}'`
}

function action(kind: ValueKind): string {
  if (kind === 'file') return '_files'
  if (kind === 'directory') return '_files -/'
  return kind === 'unknown' ? ' ' : `(${kind.words.join(' ')})`
}

const described = ([word, what]: readonly [string, string]) => `    '${escaped(word)}:${escaped(what)}'`

/** For a text between single quotes, in which colons and brackets mean something to zsh's completion. */
function escaped(text: string): string {
  return text.replaceAll(/[\\:[\]]/g, (character) => `\\${character}`).replaceAll("'", `'\\''`)
}
