// A verdict in words, the same in text and HTML.
import type { Verdict } from './outcome.ts'

export const verdictWords: Readonly<Record<Verdict, string>> = {
  equal: 'equal',
  different: 'DIFFERENT',
  notYet: 'not yet',
  incomplete: 'INCOMPLETE',
}

/** What the whole result means, and what to do next. */
export const verdictSentences: Readonly<Record<Verdict, string>> = {
  equal: 'Everything that was compared is the same on both sides.',
  different: 'The target differs from the source: see the differences below.',
  notYet:
    'What was compared is the same, but the target does not have everything yet: let the flow go on, then verify again.',
  incomplete:
    'Not everything could be read, so nothing is proved: see what is not compared below, mend it, then verify again.',
}
