// Which ACLs of source topics are copied to the target, and how they change (MirrorSourceConnector.syncTopicAcls).

/** One ACL of a topic or of a pattern of topic names, in Kafka's words. */
export interface TopicAcl {
  /** a name, a prefix, or `*`, depending on `pattern` */
  readonly topic: string
  readonly pattern: 'LITERAL' | 'PREFIXED'
  readonly principal: string
  readonly host: string
  readonly operation: string
  readonly permission: 'ALLOW' | 'DENY'
}

/** Selection and naming of topics by a flow. */
interface TopicNaming {
  readonly replicates: (topic: string) => boolean
  readonly remoteName: (topic: string) => string
}

export interface AclCopies {
  /** without duplicates */
  readonly wanted: readonly TopicAcl[]
  /** ACLs of the source for all topics (`*`), which have no counterpart where the policy renames topics */
  readonly unnameable: readonly TopicAcl[]
}

/** Every topic, in a LITERAL pattern. */
const WILDCARD = '*'

/**
 * The ACLs that the target should have: the LITERAL ACLs of replicated topics, with the topic's name on the target. Permission to write
 * to the source must not become permission to write to the copy: ALLOW WRITE is left out and ALLOW ALL becomes ALLOW READ. DENY is
 * unchanged. Unlike MM2, `*` is not renamed: `A.*` would be the ACL of a topic that cannot exist.
 */
export function aclCopies(acls: readonly TopicAcl[], { replicates, remoteName }: TopicNaming): AclCopies {
  const wanted = new Map<string, TopicAcl>()
  const unnameable: TopicAcl[] = []
  for (const acl of acls) {
    if (acl.pattern !== 'LITERAL' || isAllowed(acl, 'WRITE') || !replicates(acl.topic)) continue
    const topic = remoteName(acl.topic)
    if (acl.topic === WILDCARD && topic !== WILDCARD) {
      unnameable.push(acl)
      continue
    }
    const copy = { ...acl, topic, operation: isAllowed(acl, 'ALL') ? 'READ' : acl.operation }
    wanted.set(keyOf(copy), copy)
  }
  return { wanted: [...wanted.values()], unnameable }
}

/** The wanted ACLs without an identical one on the target; ACLs that imply one are not considered. */
export function missingAcls(wanted: readonly TopicAcl[], target: readonly TopicAcl[]): TopicAcl[] {
  const there = new Set(target.map(keyOf))
  return wanted.filter((acl) => !there.has(keyOf(acl)))
}

function isAllowed({ permission, operation }: TopicAcl, what: string): boolean {
  return permission === 'ALLOW' && operation === what
}

function keyOf({ topic, pattern, principal, host, operation, permission }: TopicAcl): string {
  return JSON.stringify([topic, pattern, principal, host, operation, permission])
}
