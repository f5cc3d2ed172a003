// Removes child processes and folders of the tests, however this process ends. A shell in its own session waits until its input
// closes, then ends the listed processes and removes the listed folders.
import { type ChildProcess, spawn } from 'node:child_process'

const processes = new Set<ChildProcess>()
const folders = new Set<string>()
const mounts = new Set<string>()
let guardian: ChildProcess | undefined

process.once('exit', () => {
  for (const child of processes) child.kill('SIGKILL')
})

/** Ends this child when this process ends. */
export function guard(child: ChildProcess): void {
  processes.add(child)
  sendList()
  child.once('exit', () => {
    processes.delete(child)
    sendList()
  })
}

/** Removes this folder when this process ends, unless `release` was called. */
export function guardFolder(folder: string, kind: 'folder' | 'mount' = 'folder'): void {
  if (kind === 'mount') mounts.add(folder)
  else folders.add(folder)
  sendList()
}

/** Cancels the removal of a folder. */
export function release(folder: string): void {
  folders.delete(folder)
  mounts.delete(folder)
  sendList()
}

/** Sends the current list. The guardian executes the last line it has received. */
function sendList(): void {
  const pids = [...processes].map((child) => child.pid).filter((pid) => pid !== undefined)
  const words = [
    pids.length > 0 ? `kill -9 ${pids.join(' ')}` : '',
    ...[...mounts].map((mount) => `umount -l ${quoted(mount)}`),
    // A process that was just killed may still write.
    folders.size > 0 ? `sleep 0.3; rm -rf ${[...folders].map(quoted).join(' ')}` : '',
  ]
  guardian ??= startGuardian()
  guardian.stdin?.write(`${words.filter((word) => word !== '').join('; ')}\n`)
}

function startGuardian(): ChildProcess {
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
