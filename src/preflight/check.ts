// Checks both clusters of a flow before anything is copied, and reports everything that is wrong, each with what fixes it. Nothing is
// changed on any cluster.
import { clusterKinds, sameClusterTwice } from './checks/clusters.ts'
import { creation, replicationFactors } from './checks/creation.ts'
import { existingTopics, refusedTopics } from './checks/existing.ts'
import { features } from './checks/features.ts'
import { groupOffsets } from './checks/groups.ts'
import { topicNames } from './checks/names.ts'
import { missingPermissions } from './checks/permissions.ts'
import { reachability } from './checks/reach.ts'
import { retention } from './checks/retention.ts'
import { clocks, otherWorkers, transactions } from './checks/runtime-conditions.ts'
import { noFlowCopies, selection } from './checks/selection.ts'
import { disks, messageSizes } from './checks/sizes.ts'
import { type FlowFacts, type FlowToCheck, readFlow } from './facts/flow-facts.ts'
import { type Finding, type FlowReport, sorted } from './finding.ts'

/** The checks of a flow that copies; each works on the facts alone. */
const checks: readonly ((facts: FlowFacts) => Finding[])[] = [
  reachability,
  clusterKinds,
  features,
  missingPermissions,
  selection,
  topicNames,
  creation,
  refusedTopics,
  existingTopics,
  messageSizes,
  retention,
  disks,
  groupOffsets,
  transactions,
  otherWorkers,
  clocks,
]

/** A flow that is not enabled writes heartbeats to its target, and nothing else. */
const checksOfHeartbeats = [noFlowCopies, reachability, missingPermissions, replicationFactors]

/** What is found in the facts of one flow, the worst first. */
export function findingsOf(facts: FlowFacts): Finding[] {
  return sorted((facts.settings.enabled ? checks : checksOfHeartbeats).flatMap((check) => check(facts)))
}

/**
 * Checks flows, one after the other. Never throws a Failure: what cannot be read is reported, and keeps nothing else back.
 * @returns a report for each, in their order
 */
export async function checkFlows(all: readonly FlowToCheck[]): Promise<FlowReport[]> {
  const reports: FlowReport[] = []
  for (const parts of all) reports.push(await checkFlow(parts))
  const doubled = sameClusterTwice(reports.map(({ clusterIds }) => clusterIds))
  return reports.map((report, at) =>
    at === 0 ? { ...report, findings: sorted([...doubled, ...report.findings]) } : report,
  )
}

async function checkFlow(parts: FlowToCheck): Promise<FlowReport> {
  const facts = await readFlow(parts)
  const ids = [facts.source, facts.target].map(({ alias, inventory }) => [alias, inventory?.clusterId ?? ''] as const)
  return {
    flow: facts.settings.name,
    clusterIds: Object.fromEntries(ids),
    findings: findingsOf(facts),
    notMade: facts.notMade,
  }
}
