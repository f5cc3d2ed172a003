// The `godwit positions reset` command that remedies print.

import { shellWord } from './shell-word.ts'

interface ResetArguments {
  /** mm2.properties unless given */
  readonly file?: string
  /** `A->B`; can be omitted if the file has only one flow */
  readonly flow?: string
  /** name on the source; all topics when absent */
  readonly topic?: string
  readonly partition?: number
  readonly to?: string
}

/** The command that resets positions, quoted for a shell. */
export function resetCommand({ file = 'mm2.properties', flow, topic, partition, to }: ResetArguments): string {
  const words = [
    `godwit positions reset ${shellWord(file)}`,
    ...(flow === undefined ? [] : [`--flow '${flow}'`]),
    ...(topic === undefined ? [] : [`--topic '${exactly(topic)}'`]),
    ...(partition === undefined ? [] : [`--partition ${partition}`]),
    ...(to === undefined ? [] : [`--to ${to}`]),
    '--execute',
  ]
  return words.join(' ')
}

/** The regular expression that matches only this name. The dot is the only character of topic names that must be escaped. */
const exactly = (topic: string) => `^${topic.replaceAll('.', '\\.')}$`
