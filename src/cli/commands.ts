// The table of commands, for help, reference and dispatch. The modules of a command are loaded when it runs.
import type { Command } from './command.ts'
import { checkCommand } from './commands/check.ts'
import { completionCommand } from './commands/completion.ts'
import { configShow } from './commands/config-show.ts'
import { generateCommand } from './commands/generate.ts'
import { groupsDescribe } from './commands/groups/describe.ts'
import { groupsReset } from './commands/groups/reset.ts'
import { groupsSync } from './commands/groups/sync.ts'
import { groupsTranslate } from './commands/groups/translate.ts'
import { initCommand } from './commands/init.ts'
import { lagCommand } from './commands/lag.ts'
import { offsetsCommand } from './commands/offsets.ts'
import { planCommand } from './commands/plan.ts'
import { positionsReset } from './commands/positions/reset.ts'
import { positionsShow } from './commands/positions/show.ts'
import { runCommand } from './commands/run.ts'
import { statusCommand } from './commands/status.ts'
import { topicsCommand } from './commands/topics.ts'
import { verifyCommand } from './commands/verify.ts'

export const commands: readonly Command[] = [
  initCommand,
  checkCommand,
  planCommand,
  runCommand,
  statusCommand,
  lagCommand,
  topicsCommand,
  offsetsCommand,
  positionsShow,
  positionsReset,
  groupsDescribe,
  groupsTranslate,
  groupsSync,
  groupsReset,
  verifyCommand,
  configShow,
  generateCommand,
  completionCommand(() => commands),
]
