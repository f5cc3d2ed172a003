// Commits on behalf of groups of the target, as the running flow makes them; or only what would come of them. A door for commands.
import { GroupSync, type SyncGroups, type SyncResult } from './groups/group-sync.ts'

export { GroupSync, type SyncGroups, type SyncResult }

/** The groups of a cluster, told everything but commits: those are taken for done. */
export function dryGroups(groups: SyncGroups): SyncGroups {
  return {
    list: () => groups.list(),
    committed: (some, visit) => groups.committed(some, visit),
    members: (group) => groups.members(group),
    coordinatorsOf: (names) => groups.coordinatorsOf(names),
    commit: () => Promise.resolve(new Map()),
  }
}
