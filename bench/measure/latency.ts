// Measures one contestant on a small live stream: the time that a record takes from the source to the target.
import type { Figures } from '../figures.ts'
import { Child, type Launch } from './child.ts'
import type { Round } from './round.ts'

const PROBE_WITHIN_MS = 180_000

/** Runs the probe (a Java process with one clock) against the running contestant. Throws an Error when either fails. */
export async function measureLatency(round: Round, probe: Launch, probeLog: string): Promise<Figures> {
  const child = round.start()
  const running = new Child(probe, probeLog)
  try {
    const code = await running.exitCode(PROBE_WITHIN_MS)
    if (child.exited) throw new Error(`it ended while records came in:\n${child.tail()}`)
    if (code !== 0)
      throw new Error(`the probe ended with ${code ?? 'nothing in time'}:\n${running.tail()}\n${child.tail()}`)
    const { fromAck, fromSend } = readProbe(running.output())
    return {
      ackP50: fromAck.p50,
      ackP99: fromAck.p99,
      sendP50: fromSend.p50,
      sendP99: fromSend.p99,
      peakRssMb: child.usage().peakRssMb,
    }
  } finally {
    await running.stop()
    await child.stop()
  }
}

interface Quantiles {
  readonly p50: number
  readonly p99: number
}

function readProbe(output: string): { fromAck: Quantiles; fromSend: Quantiles } {
  const line = output.split('\n').find((text) => text.startsWith('{'))
  return JSON.parse(line ?? '{}') as { fromAck: Quantiles; fromSend: Quantiles }
}
