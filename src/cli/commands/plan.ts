// `godwit plan FILE`: what a run would create and change.
import { type Command, type Context, flagOf } from '../command.ts'
import { configured, flowOf, flowOptions, unusable } from '../configured.ts'
import { exits } from '../exit-codes.ts'
import { outputOption, printResult } from '../output/render.ts'

export const planCommand: Command = {
  name: 'plan',
  summary: 'Shows what a run would create, change and leave unchanged on the target, and conflicts.',
  usage: 'plan FILE [--flow SOURCE->TARGET] [--all] [--exit-code] [--output text|json|yaml]',
  arguments: ['FILE'],
  options: {
    ...flowOptions,
    all: { doc: 'Also show topics that stay unchanged and topics that are not copied.' },
    'exit-code': { doc: 'Exit with 3 when a run would change something.' },
    output: outputOption,
  },
  examples: [
    ['plan mm2.properties', 'before the first run'],
    ['plan mm2.properties --exit-code', 'in a script: 0 nothing to change, 3 changes, 1 conflicts'],
  ],
  notes: [
    'Nothing is changed on any cluster. A run uses the same rules, so it does what is shown unless the clusters change in between. A plan after it shows no changes.',
    'Signs: + is created, ~ is changed, = stays, ! needs a decision, ? is in a list of FILE and matches nothing on the source, - is not copied.',
    'Exit codes: 0 no conflict, 1 conflicts, 3 with --exit-code when something would be changed, 64 the command line is invalid, 69 a cluster does not answer, 77 a cluster denies access, 78 FILE cannot be used.',
  ],
  run,
}

async function run(context: Context): Promise<number> {
  const read = configured(context)
  if (!read) return unusable
  const flow = flowOf(context, read.model)
  const [{ conflictsOf, hasChanges, readPlan }, { planLines }] = await Promise.all([
    import('../../preflight/plan.ts'),
    import('../output/plan-text.ts'),
  ])
  const plan = await readPlan(flow)
  const conflicts = conflictsOf(plan).length
  const result = { ...plan, hasChanges: hasChanges(plan), hasConflicts: conflicts > 0 }
  printResult(context, result, () => planLines(plan, flagOf(context.values, 'all')).join('\n'))
  if (conflicts > 0) return exits.found.code
  return flagOf(context.values, 'exit-code') && result.hasChanges ? exits.drift.code : exits.fine.code
}
