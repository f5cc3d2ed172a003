// The reference of failures as Markdown, written from their table.
import { type FailureCode, failures, type Verdict } from './failure.ts'
import { markdownTable } from './markdown-table.ts'

const verdicts: Readonly<Record<Verdict, string>> = {
  retry: 'is tried again, with growing pauses, until it works',
  refresh: 'reads the metadata of the cluster again, and tries again until it works',
  quarantine: 'stops the partition, topic or task that is concerned; everything else goes on',
  halt: 'stops the flow, or the command',
}

/** docs/reference/failures.md. */
export function failuresReference(): string {
  return `${[
    '# Failures',
    '',
    'Written from the table in `src/base/failure.ts`. Everything that can go wrong has one of these codes: in the log, as `problems` of',
    '`godwit status`, as the `code` of an answer over HTTP, and as label `code` of `godwit_problems`. A problem names the cluster, the',
    'topic and the partition it concerns, and the command or the line that fixes it; here stands what to do in general.',
    '',
    '## What follows',
    '',
    ...markdownTable(['verdict', 'godwit'], Object.entries(verdicts)),
    '',
    'Exit codes are those of sysexits.h where one fits. A command that ends without a failure has its own: `godwit COMMAND --help`.',
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
