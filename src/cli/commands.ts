// The table of commands. Help, reference and dispatch read it; what a command needs is loaded when it runs.
import type { Command } from './command.ts'
import { configShow } from './commands/config-show.ts'
import { runCommand } from './commands/run.ts'
import { statusCommand } from './commands/status.ts'
import { verifyCommand } from './commands/verify.ts'

export const commands: readonly Command[] = [runCommand, statusCommand, verifyCommand, configShow]
