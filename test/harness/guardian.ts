// Sees to it that nothing is left behind: a shell of its own session waits for the end of this process, however it dies
// (its input closes then), and ends the processes and removes the folders that are still on its list.
import { type ChildProcess, spawn } from 'node:child_process'

const processes = new Set<ChildProcess>()
const folders = new Set<string>()
const mounts = new Set<string>()
let guardian: ChildProcess | undefined

process.once('exit', () => {
  for (const child of processes) child.kill('SIGKILL')
})

/** Ends this child, at the latest when we end. */
export function guard(child: ChildProcess): void {
  processes.add(child)
  tell()
  child.once('exit', () => {
    processes.delete(child)
    tell()
  })
}

/** Removes this folder when we end, unless `release` was called. */
export function guardFolder(folder: string, kind: 'folder' | 'mount' = 'folder'): void {
  if (kind === 'mount') mounts.add(folder)
  else folders.add(folder)
  tell()
}

/** Leaves a folder alone that was to be removed. */
export function release(folder: string): void {
  folders.delete(folder)
  mounts.delete(folder)
  tell()
}

/** The last line that the guardian hears is what it does. */
function tell(): void {
  const pids = [...processes].map((child) => child.pid).filter((pid) => pid !== undefined)
  const words = [
    pids.length > 0 ? `kill -9 ${pids.join(' ')}` : '',
    ...[...mounts].map((mount) => `umount -l ${quoted(mount)}`),
    // What was killed a moment ago may still write.
    folders.size > 0 ? `sleep 0.3; rm -rf ${[...folders].map(quoted).join(' ')}` : '',
  ]
  guardian ??= hire()
  guardian.stdin?.write(`${words.filter((word) => word !== '').join('; ')}\n`)
}

function hire(): ChildProcess {
  const script = 'trap "" INT TERM HUP; while IFS= read -r line; do last=$line; done; eval "$last"'
  const child = spawn('sh', ['-c', script], { stdio: ['pipe', 'ignore', 'ignore'], detached: true, cwd: '/' })
  child.unref()
  child.stdin.on('error', () => {})
  ;(child.stdin as unknown as { unref(): void }).unref()
  return child
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
