// What members of a flow's group tell each other: who claims to hold the lease, and who gets it. Pure.

export interface Claim {
  /** holds the lease, or believes so */
  readonly active: boolean
  /** since when, ms since the epoch; 0 when it does not */
  readonly since: number
}

const nothing: Claim = { active: false, since: 0 }

export function claimBytes(claim: Claim): Buffer {
  return Buffer.from(JSON.stringify(claim))
}

/** Anything that cannot be read claims nothing. */
export function parseClaim(bytes: Buffer): Claim {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'))
    if (typeof value !== 'object' || value === null) return nothing
    const { active, since } = value as Partial<Claim>
    return { active: active === true, since: typeof since === 'number' ? since : 0 }
  } catch {
    return nothing
  }
}

/** Who holds it next: whoever has held it longest; among those who do not, the first by name, so that all would decide alike. */
export function holderOf(members: readonly { readonly memberId: string; readonly claim: Claim }[]): string {
  const byAge = [...members].sort((a, b) => {
    if (a.claim.active !== b.claim.active) return a.claim.active ? -1 : 1
    if (a.claim.active && a.claim.since !== b.claim.since) return a.claim.since - b.claim.since
    return a.memberId < b.memberId ? -1 : 1
  })
  return byAge[0]?.memberId ?? ''
}

export function holderBytes(memberId: string): Buffer {
  return Buffer.from(memberId)
}
