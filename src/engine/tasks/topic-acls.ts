// The periodic task that copies ACLs of source topics to target topics, as MM2 does: adds missing ACLs and never removes any.
import { counted } from '../../base/counted.ts'
import { Failure } from '../../base/failure.ts'
import type { Logger } from '../../base/logger.ts'
import { createTopicAcls, describeTopicAcls, hasNoAuthorizer } from '../../kafka/acls.ts'
import type { Cluster } from '../../kafka/cluster.ts'
import type { ReplicationPolicy } from '../../mirror/replication-policy.ts'
import { type AclCopies, aclCopies, missingAcls, type TopicAcl } from '../../mirror/topic-acls.ts'
import { shouldReplicate } from '../../mirror/topic-selection.ts'
import type { FlowSettings } from '../../model/flow-settings.ts'
import { PeriodicTask, RECORDS_FIRST_MS } from '../../tasks/periodic-task.ts'

interface TopicAclsParts {
  readonly settings: FlowSettings
  readonly policy: ReplicationPolicy
  readonly source: Cluster
  readonly target: Cluster
  readonly log: Logger
}

/** The periodic task, or none where sync.topic.acls.enabled is off. The first run begins at once, as MM2's does. */
export function topicAclsTask(parts: TopicAclsParts): PeriodicTask[] {
  const { enabled, intervalMs } = parts.settings.syncTopicAcls
  if (!enabled) return []
  const sync = new AclSync(parts)
  return [
    new PeriodicTask({
      name: 'topic-acls',
      intervalMs,
      firstAfterMs: RECORDS_FIRST_MS,
      perform: () => sync.run(),
      log: parts.log,
    }),
  ]
}

class AclSync {
  readonly #parts: TopicAclsParts
  #hasLoggedNoAuthorizer = false

  constructor(parts: TopicAclsParts) {
    this.#parts = parts
  }

  /** One run. @returns a message @throws Failure when ACLs cannot be read, or some could not be added; all others were added then */
  async run(): Promise<string> {
    const { source, target } = this.#parts
    const acls = await describeTopicAcls(source).catch((error: unknown) => this.#unread(error))
    if (acls === undefined) return `cluster ${source.alias} has no authorizer, so there are no ACLs to copy`
    const { wanted } = this.#copies(acls)
    if (wanted.length === 0)
      return `no ACLs to copy: none of the ${acls.length} ACLs on cluster ${source.alias} has to be copied`
    const there = await describeTopicAcls(target).catch((error: unknown) => {
      // Alter includes Describe, so the remedy names Alter, which is needed anyway.
      throw this.#withRemedy(error, 'Alter')
    })
    const missing = missingAcls(wanted, there)
    if (missing.length > 0) await this.#create(missing)
    return `${counted(wanted.length, 'ACL')} to copy, ${missing.length} of them missing on cluster ${target.alias} and added`
  }

  #copies(acls: readonly TopicAcl[]): AclCopies {
    const { settings, policy, log } = this.#parts
    const copies = aclCopies(acls, {
      replicates: (topic) => shouldReplicate(topic, settings, policy).replicate,
      remoteName: (topic) => policy.formatRemoteTopic(settings.sourceAlias, topic),
    })
    for (const acl of copies.unnameable)
      log.debug('an ACL for all topics is not copied: the copy would name a topic that cannot exist', {
        acl: words(acl),
      })
    return copies
  }

  async #create(missing: readonly TopicAcl[]): Promise<void> {
    const { target, log } = this.#parts
    const outcomes = await createTopicAcls(target, missing)
    const refused: Failure[] = []
    for (const [at, acl] of missing.entries()) {
      const failure = outcomes[at]
      if (failure) refused.push(failure)
      else log.info('added an ACL on the target', { topic: acl.topic, acl: words(acl) })
    }
    const [first] = refused
    if (first) throw this.#refusal(first, refused, missing.length)
  }

  /** Without an authorizer there is nothing to copy, which is logged once. */
  #unread(error: unknown): undefined {
    const { source, log } = this.#parts
    if (!hasNoAuthorizer(error)) throw this.#withRemedy(error, 'Describe')
    log[this.#hasLoggedNoAuthorizer ? 'debug' : 'info']('the source has no authorizer, so there are no ACLs to copy', {
      cluster: source.alias,
    })
    this.#hasLoggedNoAuthorizer = true
    return undefined
  }

  #refusal(first: Failure, refused: readonly Failure[], tried: number): unknown {
    // The same failure is returned for each ACL: one of each kind is enough.
    const kinds = [...Map.groupBy(refused, ({ circumstances }) => circumstances.wireCode).values()]
    const reasons = kinds.flatMap(([one]) => one?.message ?? []).join('; ')
    const sentence = `${refused.length} of ${counted(tried, 'ACL')} could not be added: ${reasons}`
    return this.#withRemedy(new Failure(first.code, sentence, first.circumstances), 'Alter')
  }

  /** The same failure with a remedy. */
  #withRemedy(error: unknown, right: 'Describe' | 'Alter'): unknown {
    if (!(error instanceof Failure)) return error
    const { code, message, circumstances } = error
    const remedy = this.#remedyFor(error, right)
    return remedy === undefined ? error : new Failure(code, message, { ...circumstances, right, remedy })
  }

  #remedyFor(failure: Failure, right: string): string | undefined {
    const { code, circumstances } = failure
    const off = `set ${this.#parts.settings.name}.sync.topic.acls.enabled = false`
    if (hasNoAuthorizer(failure)) return `give cluster ${circumstances.cluster} an authorizer, or ${off}`
    if (code === 'NOT_AUTHORIZED')
      return `grant the user of cluster ${circumstances.cluster} ${right} on the cluster (kafka-acls.sh --add --cluster), or ${off}`
    return code === 'UNSUPPORTED_VERSION' ? off : undefined
  }
}

/** E.g. `ALLOW READ to User:alice from *`. */
function words({ permission, operation, principal, host }: TopicAcl): string {
  return `${permission} ${operation} to ${principal} from ${host}`
}
