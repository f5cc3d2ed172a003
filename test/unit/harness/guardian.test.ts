// No process or folder is left behind, even by a killed process.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { eventually } from '../../harness/eventually.ts'

const guardian = join(import.meta.dirname, '../../harness/guardian.ts')
const program = `
  import { spawn } from 'node:child_process'
  import { guard, guardFolder, release } from ${JSON.stringify(guardian)}
  const child = spawn('sleep', ['600'])
  guard(child)
  guardFolder(process.argv[1])
  guardFolder(process.argv[2])
  release(process.argv[2])
  console.log(child.pid)
  process.stdin.resume()`

function runs(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
  test(`after ${signal} child processes end and folders are removed, except released ones`, {
    timeout: 10_000,
  }, async () => {
    const [mine, released] = [0, 1].map(() => mkdtempSync(join(tmpdir(), "godwit's ")))
    const owner = spawn(process.execPath, ['--input-type=module-typescript', '-e', program, `${mine}`, `${released}`])
    const [line] = (await once(owner.stdout, 'data')) as [Buffer]
    const pid = Number(line.toString())
    assert.ok(runs(pid))
    owner.kill(signal)
    await eventually(
      () => ({ child: runs(pid), folder: existsSync(`${mine}`) }),
      ({ child, folder }) => !child && !folder,
    )
    assert.ok(existsSync(`${released}`))
    rmSync(`${released}`, { recursive: true })
  })
}
