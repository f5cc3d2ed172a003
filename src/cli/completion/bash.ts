// The completion script for bash 3.2 and newer.
import { type CompletedCommand, firstWords, subcommands, type ValueKind } from './words.ts'

/** A script to be sourced. */
export function bashScript(commands: readonly CompletedCommand[]): string {
  const first = [...firstWords(commands).keys(), 'help', '--help', '--version']
  return `# bash completion of godwit; made by: godwit completion bash
# For this shell: source <(godwit completion bash)
# For all: godwit completion bash > /etc/bash_completion.d/godwit

_godwit_words() {
  local IFS=$' \\n'
  COMPREPLY=($(compgen -W "$1" -- "$cur"))
}

_godwit_paths() {
  local IFS=$'\\n'
  COMPREPLY=($(compgen "$1" -- "$cur"))
  compopt -o filenames 2>/dev/null
}

_godwit() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} options=
  local first=\${COMP_WORDS[1]} second=\${COMP_WORDS[2]-}
  COMPREPLY=()
  # --output=json comes as three words.
  if [[ $cur == = ]]; then cur=
  elif [[ $prev == = ]]; then prev=\${COMP_WORDS[COMP_CWORD-2]}
  fi
  if (( COMP_CWORD == 1 )) || [[ $first == help && COMP_CWORD -eq 2 ]]; then
    _godwit_words '${first.join(' ')}'
    return
  fi
  if [[ $first == help ]]; then
    (( COMP_CWORD == 3 )) && case $second in
${subcommandCases(commands, '      ')}
    esac
    return
  fi
  if (( COMP_CWORD == 2 )); then
    case $first in
${subcommandCases(commands, '      ')}
    esac
  fi
  case "$first $second" in
${commands.map(commandCase).join('\n')}
  esac
}

complete -F _godwit godwit
`
}

function subcommandCases(commands: readonly CompletedCommand[], indent: string): string {
  const cases = [...subcommands(commands)].map(
    ([word, list]) => `${indent}${word}) _godwit_words '${list.map(({ words }) => words[1]).join(' ')}' ;;`,
  )
  return cases.length > 0 ? cases.join('\n') : `${indent}*) ;;`
}

function commandCase({ words, options, argument }: CompletedCommand): string {
  // A command of one word whatever follows; one of two words exactly.
  const pattern = words.length === 1 ? `"${words[0] ?? ''} "*` : `"${words.join(' ')}"`
  const valued = options.flatMap(({ name, value }) =>
    value ? [`        ${name}) ${reply(value.kind)} return ;;`] : [],
  )
  const names = options.map(({ name }) => name).join(' ')
  return `    ${pattern})
      case $prev in
${valued.length > 0 ? valued.join('\n') : '        *) ;;'}
      esac
      if [[ $cur == -* ]]; then _godwit_words '${names}'
      elif [[ \${#COMPREPLY[@]} -eq 0 ]]; then ${reply(argument)}
      fi
      ;;`
}

function reply(kind: ValueKind): string {
  if (kind === 'file') return '_godwit_paths -f;'
  if (kind === 'directory') return '_godwit_paths -d;'
  return kind === 'unknown' ? ':;' : `_godwit_words '${kind.words.join(' ')}';`
}
