// The command line that messages name where what a flow remembers has to be forgotten or moved.

import { shellWord } from './shell-word.ts'

interface ResetWords {
  /** mm2.properties unless given */
  readonly file?: string
  /** `A->B`; without it the command takes the only flow of the file */
  readonly flow?: string
  /** name on the source; without it all topics are meant */
  readonly topic?: string
  readonly partition?: number
  readonly to?: string
}

/** The command line that resets positions, to be pasted into a shell; without the name of the file the usual one. */
export function resetCommand({ file = 'mm2.properties', flow, topic, partition, to }: ResetWords): string {
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

/** The regular expression that matches this name alone; of what names may hold only the dot has a meaning. */
const exactly = (topic: string) => `^${topic.replaceAll('.', '\\.')}$`
