// Ports of test files that run at the same time.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { freePorts } from '../../harness/ports.ts'

const COUNT = 3000

/** A process that reserves ports, prints them, and ends when its input is closed. */
function another() {
  const text = `import { freePorts } from './test/harness/ports.ts'
console.log(JSON.stringify(await freePorts(${COUNT})))
process.stdin.resume().on('end', () => process.exit())`
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', text], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ports = new Promise<number[]>((resolve) => {
    let out = ''
    child.stdout.on('data', (data) => {
      out += String(data)
      if (out.includes('\n')) resolve(JSON.parse(out) as number[])
    })
  })
  const end = () => {
    child.stdin.end()
    return new Promise((resolve) => child.once('exit', resolve))
  }
  return { ports, end }
}

test('two processes never get the same port while both run', async () => {
  const other = another()
  const [theirs, ours] = await Promise.all([other.ports, freePorts(COUNT)])
  assert.equal(new Set([...theirs, ...ours]).size, 2 * COUNT)
  await other.end()
  assert.equal(
    existsSync(join(tmpdir(), 'godwit-ports', String(theirs[0]))),
    false,
    'the port is free again afterwards',
  )
})
