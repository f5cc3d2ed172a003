// The slow link as a process of its own, so that moving the bytes disturbs neither the bench's clock nor its polls.
//   delay-line.ts TARGET_PORT ROUND_TRIP_MS
// Prints the port it listens on, then relays until its standard input closes: it never outlives the bench.
import { FaultProxy } from '../test/harness/proxy.ts'

const [targetPort, roundTripMs] = process.argv.slice(2).map(Number) as [number, number]
const proxy = await FaultProxy.to(targetPort)
proxy.delay(roundTripMs)
console.log(proxy.port)
process.stdin.resume().on('end', () => process.exit())
