// Admin clients: `X.admin.<key>`, `A->B.source.admin.<key>`, `A->B.target.admin.<key>`.
// Types, defaults and ranges are those of Kafka 4.3 unless the text says otherwise.
import { high, int, list, low, noEffect, type Setting } from '../define.ts'

export const adminSettings: readonly Setting[] = [
  list('bootstrap.controllers', '', high, noEffect, 'Controllers to begin with, instead of brokers.'),
  int('retries', '2147483647', low, noEffect, 'Attempts of a request.', { min: 0 }),
]
