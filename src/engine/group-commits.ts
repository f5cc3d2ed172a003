// Commits on behalf of groups of the target, as the running flow makes them; or only what would come of them. A door for commands.
import type { Groups } from '../kafka/groups.ts'
import { GroupSync, type Synced, type SyncGroups, type SyncResult } from './groups/group-sync.ts'
import { TargetEnds } from './groups/target-ends.ts'

export { GroupSync, type Synced, type SyncGroups, type SyncResult, TargetEnds }

/** The groups of a cluster, whose commits wait for a coordinator that is not ready yet: a running flow tries again by itself. */
export function patientGroups(groups: Groups): SyncGroups {
  return {
    ...readingOf(groups),
    commit: (group, coordinator, offsets) => groups.commitPatiently(group, coordinator, offsets),
  }
}

/** The groups of a cluster, told everything but commits: those are taken for done. */
export function dryGroups(groups: SyncGroups): SyncGroups {
  return { ...readingOf(groups), commit: () => Promise.resolve(new Map()) }
}

function readingOf(groups: SyncGroups): Omit<SyncGroups, 'commit'> {
  return {
    list: () => groups.list(),
    committed: (some, visit) => groups.committed(some, visit),
    members: (group) => groups.members(group),
    coordinatorsOf: (names) => groups.coordinatorsOf(names),
  }
}
