// The demo with --keep: its clusters stay available for Kafka's own tools.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { DemoRun } from '../e2e/demo-run.ts'

test('with --keep both clusters stay reachable until Ctrl-C', async (t) => {
  const run = new DemoRun(t, ['--keep'])
  await run.prints(/^stop +press Ctrl-C/m)
  assert.match(run.out, /EQUAL: all/)
  const commands = [...run.out.matchAll(/^read +(java .+)$/gm)].map(([, command = '']) => command)
  assert.equal(commands.length, 2)
  for (const command of commands) {
    assert.match(
      execFileSync('sh', ['-c', command], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
      /"pizza":/,
    )
  }
  run.interrupt()
  assert.equal(await run.exitCode(), 0, run.out + run.errors)
  await run.assertNothingLeft()
})
