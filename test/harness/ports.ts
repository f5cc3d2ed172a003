// Ports for servers that are stopped and started again on the same port.
import { mkdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

// Below the range that systems take the ports of outgoing connections from: while a broker is down, a client that
// connects again and again must not be handed the broker's port (it would even reach itself).
const FIRST = 15_000
const END = 32_000
/**
 * A file for each port that a process of ours has been given, with its process id. A port is free until its server listens, which
 * takes a broker seconds: without this, two test files that run at the same time were given the same one now and then.
 */
const claims = join(tmpdir(), 'godwit-ports')
const given = new Set<number>()

process.once('exit', () => {
  for (const port of given) rmSync(join(claims, String(port)), { force: true })
  try {
    rmdirSync(claims)
  } catch {
    // Other processes have claims in it, or it does not exist.
  }
})

/** Ports nobody listens on right now, and that no process of ours that runs has been given before. */
export async function freePorts(count: number): Promise<number[]> {
  const found: number[] = []
  while (found.length < count) {
    const port = FIRST + Math.floor(Math.random() * (END - FIRST))
    if (claim(port) && (await isFree(port))) found.push(port)
  }
  return found
}

/** Takes a port for this process until it ends; false where another process has it. */
function claim(port: number): boolean {
  const file = join(claims, String(port))
  try {
    // Another process may have removed it since.
    mkdirSync(claims, { recursive: true })
    writeFileSync(file, String(process.pid), { flag: 'wx' })
    given.add(port)
    return true
  } catch {
    if (!isAlive(ownerOf(file))) rmSync(file, { force: true })
    return false
  }
}

/** The process id in a claim; our own, which is alive, where it cannot be read: it is being written, or was removed. */
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
