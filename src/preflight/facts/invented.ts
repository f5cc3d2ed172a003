// Names that nothing bears: for asking what would be permitted with things that do not exist yet.
import { randomBytes } from 'node:crypto'

/** E.g. `godwit-check-3f2a9c01`; another one each time. */
export function inventedName(): string {
  return `godwit-check-${randomBytes(4).toString('hex')}`
}
