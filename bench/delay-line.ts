// A TCP relay that holds every piece back for a while: a long link without loss.
//   delay-line.ts LISTEN_PORT TARGET_PORT DELAY_MS
// A process of its own, so that moving the bytes disturbs neither the bench's clock nor its polls. What is on its way is
// bounded, like the window of a real link; beyond that the sender has to wait.
import { createConnection, createServer, type Socket } from 'node:net'

const WINDOW_BYTES = 64 * 1024 * 1024

const [listenPort, targetPort, delayMs] = process.argv.slice(2).map(Number) as [number, number, number]

createServer({ noDelay: true }, (from) => {
  const to = createConnection({ host: '127.0.0.1', port: targetPort, noDelay: true })
  relay(from, to)
  relay(to, from)
}).listen(listenPort, '127.0.0.1')

/** Each direction is delayed by half of the round trip. */
function relay(from: Socket, to: Socket): void {
  let onTheWay = 0
  from.on('data', (chunk: Buffer) => {
    onTheWay += chunk.length
    if (onTheWay > WINDOW_BYTES) from.pause()
    setTimeout(() => {
      if (!to.destroyed) to.write(chunk)
      onTheWay -= chunk.length
      if (onTheWay <= WINDOW_BYTES) from.resume()
    }, delayMs)
  })
  from.on('end', () => setTimeout(() => to.end(), delayMs))
  from.on('error', () => to.destroy())
  from.on('close', () => setTimeout(() => to.destroy(), delayMs))
}
