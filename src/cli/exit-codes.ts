// What a command answers by its exit code when nothing failed; failures have theirs in base/failure.ts.

interface Exit {
  readonly code: number
  readonly meaning: string
}

/** The codes are part of what scripts rely on: they are never given another meaning. */
export const exits = {
  fine: { code: 0, meaning: 'done, or the answer is yes' },
  found: { code: 1, meaning: 'something was found that a person has to look at: an error, a difference, a conflict' },
  notYet: { code: 2, meaning: 'not yet: lag above the limit, or what was asked for has not come about' },
  drift: { code: 3, meaning: 'nothing is wrong, but changes are waiting to be made' },
  nothing: { code: 4, meaning: 'there is nothing to copy: the flow selects no topic of the source' },
} as const satisfies Record<string, Exit>
