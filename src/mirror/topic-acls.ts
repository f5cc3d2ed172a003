// Which ACLs of source topics are copied, and as what (MirrorSourceConnector.syncTopicAcls).

/** One ACL of a topic or of a pattern of topic names, in Kafka's words. */
export interface TopicAcl {
  /** a name, the beginning of names, or `*`, as `pattern` says */
  readonly topic: string
  readonly pattern: 'LITERAL' | 'PREFIXED'
  readonly principal: string
  readonly host: string
  readonly operation: string
  readonly permission: 'ALLOW' | 'DENY'
}

/** What a flow does with names of topics. */
interface TopicNaming {
  readonly replicates: (topic: string) => boolean
  readonly remoteName: (topic: string) => string
}

export interface AclCopies {
  /** without doubles */
  readonly wanted: readonly TopicAcl[]
  /** ACLs of the source for all topics (`*`), which have no counterpart where the policy renames topics */
  readonly unnameable: readonly TopicAcl[]
}

/** Stands for every topic in a LITERAL pattern. */
const WILDCARD = '*'

/**
 * What the target is to have: of the LITERAL ACLs, those of replicated topics, under the topic's name there. Nobody may write
 * to a copy because he may write to its source: ALLOW WRITE is left out and ALLOW ALL becomes ALLOW READ. Whatever denies
 * stays as it is. Unlike MM2, `*` is not renamed: `A.*` would be the ACL of a topic that cannot exist.
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

/** Those that the target does not have, word by word; that another of its ACLs implies one does not count. */
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
