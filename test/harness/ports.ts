// Ports for servers that are stopped and started again on the same port.
import { createServer, type Server } from 'node:net'

// Below the range that systems take the ports of outgoing connections from: while a broker is down, a client that
// connects again and again must not be handed the broker's port (it would even reach itself).
const FIRST = 15_000
const END = 32_000
const given = new Set<number>()

/** Ports that are free right now, and that this process has not been given before. */
export async function freePorts(count: number): Promise<number[]> {
  const found: number[] = []
  while (found.length < count) {
    const port = FIRST + Math.floor(Math.random() * (END - FIRST))
    if (given.has(port)) continue
    given.add(port)
    if (await isFree(port)) found.push(port)
  }
  return found
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server: Server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, () => server.close(() => resolve(true)))
  })
}
