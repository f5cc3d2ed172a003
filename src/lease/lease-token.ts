// What members of a flow's group tell each other: who claims to hold the lease, and who gets it. Pure.

interface Claim {
  /** the flow it is about: a Connect group may be that of several flows */
  readonly flow: string
  /** holds the lease, or believes so */
  readonly active: boolean
  /** since when, ms since the epoch; 0 when it does not */
  readonly since: number
  /** the process, in words for operators */
  readonly who: string
}

interface Holder {
  readonly memberId: string
  readonly who: string
}

export interface Candidate {
  readonly memberId: string
  readonly claim: Claim
}

const nothing: Claim = { flow: '', active: false, since: 0, who: '' }

export function claimBytes(claim: Claim): Buffer {
  return Buffer.from(JSON.stringify(claim))
}

/** Anything that cannot be read claims nothing. */
export function parseClaim(bytes: Buffer): Claim {
  const { flow, active, since, who } = objectOf(bytes)
  return {
    flow: typeof flow === 'string' ? flow : nothing.flow,
    active: active === true,
    since: typeof since === 'number' ? since : nothing.since,
    who: typeof who === 'string' ? who : nothing.who,
  }
}

/** Who holds the lease of the flow that each member claims, by member. */
export function holders(candidates: readonly Candidate[]): Map<string, Holder> {
  const byFlow = Map.groupBy(candidates, ({ claim }) => claim.flow)
  return new Map(
    candidates.flatMap(({ memberId, claim }) => {
      const holder = holderOf(byFlow.get(claim.flow) ?? [])
      return holder ? [[memberId, holder] as const] : []
    }),
  )
}

/**
 * Who holds it next: whoever has held it longest, so that it stays where it is; among those who do not, the first by name.
 * Undefined without candidates.
 */
export function holderOf(candidates: readonly Candidate[]): Holder | undefined {
  const [first] = [...candidates].sort((a, b) => {
    if (a.claim.active !== b.claim.active) return a.claim.active ? -1 : 1
    if (a.claim.active && a.claim.since !== b.claim.since) return a.claim.since - b.claim.since
    return a.memberId < b.memberId ? -1 : 1
  })
  return first && { memberId: first.memberId, who: first.claim.who }
}

export function holderBytes(holder: Holder): Buffer {
  return Buffer.from(JSON.stringify(holder))
}

/** Undefined for anything that cannot be read: then nobody holds it. */
export function parseHolder(bytes: Buffer): Holder | undefined {
  const { memberId, who } = objectOf(bytes)
  return typeof memberId === 'string' ? { memberId, who: typeof who === 'string' ? who : '' } : undefined
}

function objectOf(bytes: Buffer): Readonly<Record<'flow' | 'active' | 'since' | 'who' | 'memberId', unknown>> {
  const empty = { flow: undefined, active: undefined, since: undefined, who: undefined, memberId: undefined }
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'))
    return typeof value === 'object' && value !== null ? { ...empty, ...value } : empty
  } catch {
    return empty
  }
}
