// Metadata and assignments of the members of a flow's group: who claims to hold the lease, and who gets it. Pure functions.

interface Claim {
  /** name of the flow: several flows can share a Connect group */
  readonly flow: string
  /** whether the member holds the lease, as far as it knows */
  readonly active: boolean
  /** since when, ms since the epoch; 0 if it does not hold it */
  readonly since: number
  /** the process as text for the operator */
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

/** Encodes the metadata of a member. */
export function claimBytes(claim: Claim): Buffer {
  return Buffer.from(JSON.stringify(claim))
}

/** Unreadable fields get the values of an empty claim. */
export function parseClaim(bytes: Buffer): Claim {
  const { flow, active, since, who } = objectOf(bytes)
  return {
    flow: typeof flow === 'string' ? flow : nothing.flow,
    active: active === true,
    since: typeof since === 'number' ? since : nothing.since,
    who: typeof who === 'string' ? who : nothing.who,
  }
}

/** For each member (by member id): the holder of the lease of its flow. */
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
 * The next holder of a lease: the member that has held it longest, so that the lease does not move; if none holds it, the member with
 * the lowest member id. Undefined without candidates.
 */
export function holderOf(candidates: readonly Candidate[]): Holder | undefined {
  const [first] = [...candidates].sort((a, b) => {
    if (a.claim.active !== b.claim.active) return a.claim.active ? -1 : 1
    if (a.claim.active && a.claim.since !== b.claim.since) return a.claim.since - b.claim.since
    return a.memberId < b.memberId ? -1 : 1
  })
  return first && { memberId: first.memberId, who: first.claim.who }
}

/** Encodes the assignment of a member. */
export function holderBytes(holder: Holder): Buffer {
  return Buffer.from(JSON.stringify(holder))
}

/** The holder in an assignment; undefined if it is unreadable, so that the lease has no holder. */
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
