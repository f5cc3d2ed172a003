// Sentences for verdicts and for what was compared, shared by the text and the HTML report.
import { counted } from '../base/counted.ts'
import type { StartReport, VerifyVerdict } from './outcome.ts'
import type { Report } from './report.ts'

/** The verdict as text. */
export const verdictWords: Readonly<Record<VerifyVerdict, string>> = {
  equal: 'equal',
  different: 'DIFFERENT',
  notYet: 'not yet',
  heldBack: 'HELD BACK',
  incomplete: 'INCOMPLETE',
}

/** What the verdict means, and what to do next. */
export const verdictSentences: Readonly<Record<VerifyVerdict, string>> = {
  equal: 'Everything that was compared is the same on both sides.',
  different: 'The target differs from the source: see the differences below.',
  notYet:
    'What was compared is the same, but the target does not have everything yet: let the flow go on, then verify again.',
  heldBack:
    'What was compared is the same, but the source holds records behind open transactions, which are not copied before these end: see the commands below, then verify again.',
  incomplete:
    'Not everything could be compared, so nothing is proved: see what was not compared below, remove the cause, then verify again.',
}

/** Sentences on what was compared: as of which moment, and from which offsets on. */
export function startLines({ asOf, topics }: Report): string[] {
  const partitions = topics.flatMap((topic) => topic.partitions)
  const by = (who: StartReport['by']) => partitions.filter(({ start }) => start?.by === who).length
  const moment = asOf.from === asOf.to ? `at ${asOf.from}` : `from ${asOf.from} to ${asOf.to}`
  const configured = by('configured')
  const unknown = by('unknown')
  return [
    `compared: what the source held ${moment}, from where copying of each partition began`,
    ...(configured > 0
      ? [`${partitionsText(configured)} began is not stored: compared from where the configuration lets it begin`]
      : []),
    ...(unknown > 0 ? [`${partitionsText(unknown)} began is not known`] : []),
  ]
}

const partitionsText = (count: number) => `where copying of ${counted(count, 'partition')}`
