// Generates the reference of failures as Markdown from their table.
import { type FailureCode, failures, type Verdict } from './failure.ts'
import { markdownTable } from './markdown-table.ts'

const verdicts: Readonly<Record<Verdict, string>> = {
  retry: 'retries with increasing delays until it succeeds',
  refresh: 'reads the metadata of the cluster again, and retries until it succeeds',
  quarantine: 'stops the affected partition, topic or task; everything else continues',
  halt: 'stops the flow, or the command',
}

/** The content of docs/reference/failures.md. */
export function failuresReference(): string {
  return `${[
    '# Failures',
    '',
    'Generated from the table in `src/base/failure.ts`. Every failure has one of these codes: in the log, in the `problems` of',
    '`godwit status`, as the `code` of an HTTP response, and as the label `code` of `godwit_problems`. A problem names the affected',
    'cluster, topic and partition, and the command or configuration line that fixes it. This page lists the general remedies.',
    '',
    '## Verdicts',
    '',
    ...markdownTable(['verdict', 'godwit'], Object.entries(verdicts)),
    '',
    'Exit codes follow sysexits.h where one fits. For the exit codes of a command that ends without a failure see `godwit COMMAND --help`.',
    '',
    '## Codes',
    '',
    ...markdownTable(
      ['code', 'meaning', 'verdict', 'what to do', 'exit code', 'HTTP status'],
      (Object.keys(failures) as FailureCode[]).map((code) => {
        const { meaning, verdict, remedy, exit, http } = failures[code]
        return [`\`${code}\``, meaning, verdict, remedy, String(exit), String(http)]
      }),
    ),
  ].join('\n')}\n`
}
