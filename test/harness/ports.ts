// Ports for servers that are restarted on the same port.
import { mkdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

// Below the ephemeral port range: while a broker is stopped, a client that reconnects must not get the broker's port as its own
// outgoing port (it could even connect to itself).
const FIRST = 15_000
const END = 32_000
/**
 * A file for each port reserved by a test process, with its process id. A port looks free until its server listens, which takes a
 * broker seconds: without these files, two test files that run at the same time could get the same port.
 */
const claims = join(tmpdir(), 'godwit-ports')
const given = new Set<number>()

process.once('exit', () => {
  for (const port of given) rmSync(join(claims, String(port)), { force: true })
  try {
    rmdirSync(claims)
  } catch {
    // It contains the reservations of other processes, or does not exist.
  }
})

/** Ports without a listener that no running test process has reserved. */
export async function freePorts(count: number): Promise<number[]> {
  const found: number[] = []
  while (found.length < count) {
    const port = FIRST + Math.floor(Math.random() * (END - FIRST))
    if (claim(port) && (await isFree(port))) found.push(port)
  }
  return found
}

/** Reserves a port for this process until it ends; false if another process has reserved it. */
function claim(port: number): boolean {
  const file = join(claims, String(port))
  try {
    // Another process may have removed the directory.
    mkdirSync(claims, { recursive: true })
    writeFileSync(file, String(process.pid), { flag: 'wx' })
    given.add(port)
    return true
  } catch {
    if (!isAlive(ownerOf(file))) rmSync(file, { force: true })
    return false
  }
}

/**
 * The process id in a reservation. Our own id, which counts as alive, if the file cannot be read: it is being written, or was
 * removed.
 */
function ownerOf(file: string): number {
  try {
    return Number(readFileSync(file, 'utf8')) || process.pid
  } catch {
    return process.pid
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server: Server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, () => server.close(() => resolve(true)))
  })
}
