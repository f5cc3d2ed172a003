// Throttling of a flow by quotas of both clusters: logged when it begins and ends, and counted for status and metrics.
import type { Logger } from '../base/logger.ts'
import type { ClusterSettings } from '../kafka/cluster-settings.ts'
import { quotaOf, raiseQuota, type Throttled, type ThrottleKind } from '../kafka/cluster-settings.ts'
import type { ThrottleStatus } from '../model/flow-status.ts'
import type { Observer } from '../model/observer.ts'

/** A throttled period ends when no answer was throttled for this long (ms); Kafka's quota window is 11 s by default. */
const OVER_MS = 15_000
/** Shorter throttling is not logged (ms). */
const MIN_LOGGED_MS = 50

/** A throttled period. */
interface Period {
  /** throttle time of the last throttled answer (ms) */
  lastMs: number
  /** longest throttle time of one answer, and the total (ms) */
  mostMs: number
  totalMs: number
  /** ms since the epoch */
  readonly since: number
  readonly end: NodeJS.Timeout
}

const words: Readonly<Record<ThrottleKind, string>> = {
  producing: 'writing records',
  fetching: 'reading records',
  changing: 'creating topics and partitions',
  asking: 'requests',
}

export class Throttling {
  readonly #parts: { readonly flow: string; readonly observer: Observer; readonly log: Logger }
  readonly #periods = new Map<string, Period & { readonly kind: ThrottleKind }>()

  constructor(parts: { readonly flow: string; readonly observer: Observer; readonly log: Logger }) {
    this.#parts = parts
  }

  /** Returns the cluster settings with a callback that receives the throttle times of its connections. */
  watch(settings: ClusterSettings): ClusterSettings {
    return { ...settings, onThrottle: (throttled) => this.#onThrottled(throttled, settings) }
  }

  /** The throttle time of the last throttled answer of each kind (ms); 0 where nothing is throttled. */
  get status(): ThrottleStatus {
    const of = (kind: ThrottleKind) =>
      [...this.#periods.values()].reduce(
        (most, period) => (period.kind === kind ? Math.max(most, period.lastMs) : most),
        0,
      )
    return { producing: of('producing'), fetching: of('fetching'), changing: of('changing'), asking: of('asking') }
  }

  close(): void {
    for (const { end } of this.#periods.values()) clearTimeout(end)
    this.#periods.clear()
  }

  #onThrottled({ kind, cluster, throttleMs }: Throttled, settings: ClusterSettings): void {
    const { flow, observer } = this.#parts
    if (kind === 'producing' || kind === 'fetching') observer.throttled({ flow, kind, throttleMs })
    if (throttleMs <= 0) return
    const key = `${kind} ${cluster} ${settings.clientId}`
    const period = this.#periods.get(key)
    if (!period) return this.#begin(key, kind, throttleMs, settings)
    period.lastMs = throttleMs
    period.mostMs = Math.max(period.mostMs, throttleMs)
    period.totalMs += throttleMs
    period.end.refresh()
  }

  #begin(key: string, kind: ThrottleKind, throttleMs: number, settings: ClusterSettings): void {
    if (throttleMs < MIN_LOGGED_MS) return
    const end = setTimeout(() => this.#over(key, settings.alias), OVER_MS)
    end.unref()
    const since = Date.now()
    this.#periods.set(key, { kind, lastMs: throttleMs, mostMs: throttleMs, totalMs: throttleMs, since, end })
    this.#parts.log.warn(`cluster ${settings.alias} throttles ${words[kind]}: a quota is exceeded`, {
      cluster: settings.alias,
      quota: quotaOf[kind],
      throttleMs,
      user: settings.sasl?.username,
      clientId: settings.clientId,
      remedy: `godwit continues at the rate of the quota; to raise it: ${raiseQuota(settings, kind)}`,
    })
  }

  #over(key: string, cluster: string): void {
    const period = this.#periods.get(key)
    if (!period) return
    // A single answer may be throttled for longer than OVER_MS.
    if (period.lastMs > OVER_MS && Date.now() - period.since < period.lastMs + OVER_MS) {
      period.end.refresh()
      return
    }
    this.#periods.delete(key)
    const { mostMs, totalMs, since, kind } = period
    this.#parts.log.info(`cluster ${cluster} no longer throttles ${words[kind]}`, {
      cluster,
      quota: quotaOf[kind],
      seconds: Math.round((Date.now() - since) / 1000),
      longestMs: mostMs,
      totalMs,
    })
  }
}
