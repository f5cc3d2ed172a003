// The table of commands. Help, reference and dispatch read it; what a command needs is loaded when it runs.
import type { Command } from './command.ts'
import { completionCommand } from './commands/completion.ts'
import { configShow } from './commands/config-show.ts'
import { lagCommand } from './commands/lag.ts'
import { runCommand } from './commands/run.ts'
import { statusCommand } from './commands/status.ts'

export const commands: readonly Command[] = [
  runCommand,
  statusCommand,
  lagCommand,
  configShow,
  completionCommand(() => commands),
]
