// Exit codes of commands that did not fail. Those of failures are in base/failure.ts.

interface Exit {
  readonly code: number
  readonly meaning: string
}

/** Scripts rely on these codes: their meaning never changes. */
export const exits = {
  fine: { code: 0, meaning: 'done, or the answer is yes' },
  found: { code: 1, meaning: 'an error, a difference or a conflict was found that needs an operator' },
  notYet: { code: 2, meaning: 'not yet: the lag is above the limit, or the requested state is not reached' },
  drift: { code: 3, meaning: 'no problem, but there are changes to make' },
  nothing: { code: 4, meaning: 'there is nothing to copy: the flow selects no topic of the source' },
} as const satisfies Record<string, Exit>
