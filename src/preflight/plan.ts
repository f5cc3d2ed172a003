// What a run would do to the target, read from both clusters and decided by the same rules as the run. Changes nothing.
import { silentLogger } from '../base/logger.ts'
import type { Flow } from '../config/model.ts'
import { Cluster } from '../kafka/cluster.ts'
import { planOf } from './plan/flow-plan.ts'
import type { Plan } from './plan/model.ts'
import { readPlanFacts } from './plan/plan-facts.ts'

export type { Conflict, Plan, TopicPlan } from './plan/model.ts'
export { conflictsOf, hasChanges } from './plan/model.ts'

/** The plan of one flow as the clusters are now. @throws Failure when a cluster cannot be asked, or what is stored cannot be read */
export async function readPlan(flow: Flow): Promise<Plan> {
  await using source = new Cluster(flow.sourceAdmin, silentLogger)
  await using target = new Cluster(flow.targetAdmin, silentLogger)
  return planOf(await readPlanFacts(flow, { source, target }))
}
