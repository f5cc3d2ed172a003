// The table of commands. Help, reference and dispatch read it; what a command needs is loaded when it runs.
import type { Command } from './command.ts'
import { configShow } from './commands/config-show.ts'
import { generateCommand } from './commands/generate.ts'
import { initCommand } from './commands/init.ts'
import { planCommand } from './commands/plan.ts'
import { runCommand } from './commands/run.ts'
import { statusCommand } from './commands/status.ts'

export const commands: readonly Command[] = [
  initCommand,
  planCommand,
  runCommand,
  statusCommand,
  configShow,
  generateCommand,
]
