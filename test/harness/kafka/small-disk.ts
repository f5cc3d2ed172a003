// A disk of a few megabytes (a tmpfs mount) that a test can fill. Mounting needs root.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { guardFolder, release } from '../guardian.ts'

const BALLAST = 'ballast'

/** A mounted disk. `remove` unmounts it; the end of the test process does so at the latest. */
export class SmallDisk {
  readonly folder: string

  private constructor(folder: string) {
    this.folder = folder
  }

  /** Mounts an empty disk of this size. @throws Error if mounting is not permitted */
  static at(folder: string, mb: number): SmallDisk {
    mkdirSync(folder, { recursive: true })
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mb}m`, 'godwit-small-disk', folder], { stdio: 'pipe' })
    guardFolder(folder, 'mount')
    return new SmallDisk(folder)
  }

  /** The reason why small disks are not available here, for `skip`; undefined if they are. */
  static missing(): string | undefined {
    const folder = mkdtempSync(join(tmpdir(), 'godwit-mount-'))
    try {
      SmallDisk.at(folder, 1).remove()
      return undefined
    } catch (error) {
      return `a small disk cannot be mounted here (it needs root on Linux): ${String(error).split('\n', 1)[0]}`
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }

  /** Free space. */
  get freeBytes(): number {
    const { bavail, bsize } = statfsSync(this.folder)
    return bavail * bsize
  }

  /** Fills the disk with a file, except for `leaveBytes`. */
  fill(leaveBytes = 0): void {
    const bytes = this.freeBytes - leaveBytes
    try {
      if (bytes > 0) writeFileSync(join(this.folder, BALLAST), Buffer.alloc(bytes))
    } catch (error) {
      // The broker has written in the meantime. The disk is full as intended.
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
    }
  }

  /** Removes that file. */
  empty(): void {
    rmSync(join(this.folder, BALLAST), { force: true })
  }

  /** Unmounts it. */
  remove(): void {
    execFileSync('umount', ['-l', this.folder], { stdio: 'pipe' })
    release(this.folder)
  }
}
