// The slow link as a separate process, so that forwarding bytes does not disturb the bench's clock or polling.
//   delay-line.ts TARGET_PORT ROUND_TRIP_MS
// Prints the port it listens on, then forwards until its standard input closes, so it ends with the bench.
import { FaultProxy } from '../test/harness/proxy.ts'

const [targetPort, roundTripMs] = process.argv.slice(2).map(Number) as [number, number]
const proxy = await FaultProxy.to(targetPort)
proxy.delay(roundTripMs)
console.log(proxy.port)
process.stdin.resume().on('end', () => process.exit())
