// `godwit completion SHELL`: a script that completes commands, options, their values and files.
import { Failure } from '../../base/failure.ts'
import { nearest } from '../../base/nearest.ts'
import type { Command } from '../command.ts'

const shells = ['bash', 'zsh', 'fish'] as const

/** The completion command. The table is a function because it contains this command. */
export function completionCommand(commands: () => readonly Command[]): Command {
  return {
    name: 'completion',
    summary: 'Prints a completion script for a shell: commands, options, their values, files.',
    usage: 'completion bash|zsh|fish',
    arguments: ['SHELL'],
    argumentChoices: { SHELL: shells },
    options: {},
    notes: ['The script contains the commands of this version: print it again after an upgrade.'],
    examples: [
      ['completion bash > /etc/bash_completion.d/godwit', 'bash, for all users'],
      ['completion zsh > ~/.zfunc/_godwit', 'zsh, with fpath+=~/.zfunc before compinit'],
      ['completion fish > ~/.config/fish/completions/godwit.fish', 'fish'],
    ],
    run: async ({ positionals, print }) => {
      print(await scriptFor(positionals[0] ?? '', commands()))
      return 0
    },
  }
}

/** @throws Failure USAGE for an unsupported shell */
async function scriptFor(shell: string, commands: readonly Command[]): Promise<string> {
  const { completedCommands } = await import('../completion/words.ts')
  const table = completedCommands(commands)
  if (shell === 'bash') return (await import('../completion/bash.ts')).bashScript(table)
  if (shell === 'zsh') return (await import('../completion/zsh.ts')).zshScript(table)
  if (shell === 'fish') return (await import('../completion/fish.ts')).fishScript(table)
  const meant = nearest(shell, shells)
  throw new Failure('USAGE', `there is no completion for ${shell}${meant ? `; did you mean ${meant}?` : ''}`, {
    remedy: `give one of ${shells.join(', ')}`,
  })
}
