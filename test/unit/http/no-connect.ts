// Connect's REST of a process without flows, for tests of other paths.
import type { ConnectPort } from '../../../src/http/connect.ts'

export const noConnect: ConnectPort = {
  version: '1.2.3',
  flows: () => [],
  configOf: () => undefined,
  control: () => undefined,
}
