// Topic names on the target use the cluster aliases of MM2's connectors, which can differ from the names in the flow.
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

const root = join(import.meta.dirname, '../..')
const byFlow =
  /(?:formatRemoteTopic|newReplicationPolicy|offsetSyncsTopic|checkpointsTopic)\((?:[^()]*,\s*)?[\w.#]*\.(?:source|target)\s*[,)]/

test('no topic name on the target is derived from the name of the flow', () => {
  const files = globSync('src/**/*.ts', { cwd: root })
  assert.ok(files.length > 100)
  assert.deepEqual(
    files.filter((file) => byFlow.test(readFileSync(join(root, file), 'utf8'))),
    [],
  )
})
