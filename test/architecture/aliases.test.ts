// Names on the target go by what MM2's connectors call the clusters, which a file may set apart from the names of the flow.
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

const root = join(import.meta.dirname, '../..')
const byFlow =
  /(?:formatRemoteTopic|newReplicationPolicy|offsetSyncsTopic|checkpointsTopic)\((?:[^()]*,\s*)?[\w.#]*\.(?:source|target)\s*[,)]/

test('no name on the target is made of the name of the flow', () => {
  const files = globSync('src/**/*.ts', { cwd: root })
  assert.ok(files.length > 100)
  assert.deepEqual(
    files.filter((file) => byFlow.test(readFileSync(join(root, file), 'utf8'))),
    [],
  )
})
