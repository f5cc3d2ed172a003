// Prepares the nodes of a cluster on this machine: folders, ports, settings files, formatted data folders.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePorts } from '../ports.ts'
import { FaultProxy } from '../proxy.ts'
import type { ClusterOptions } from './options.ts'
import { formatAs, formatWithTool, randomId } from './prepared.ts'
import { brokerSettings, DIRECT, type NodePlace } from './settings.ts'
import { SmallDisk } from './small-disk.ts'

/** Settings that the storage tool needs. */
const FORMAT_SETTINGS = ['log.dirs', 'metadata.log.dir', 'inter.broker.protocol.version']

export interface LaidOut {
  readonly nodes: readonly NodePlace[]
  readonly proxies: readonly FaultProxy[]
  readonly disks: readonly SmallDisk[]
}

/**
 * Creates folders, proxies, small disks and settings of all nodes; formats and starts nothing.
 * @throws Error if a disk cannot be mounted
 */
export async function layOut(folder: string, options: ClusterOptions): Promise<LaidOut> {
  const count = options.brokers ?? 1
  const places: NodePlace[] = []
  for (let i = 0; i < count; i++) places.push(await place(i, count === 1 ? folder : join(folder, `${i + 1}`), options))
  const proxies = options.proxied ? await Promise.all(places.map(({ port }) => FaultProxy.to(port))) : []
  const nodes = places.map((node, i) => ({ ...node, advertised: proxies[i]?.port ?? node.advertised }))
  for (const node of nodes) {
    mkdirSync(node.folder, { recursive: true })
    const text = brokerSettings(node, nodes, options.listeners ?? {}, options.configs ?? {})
    writeFileSync(join(node.folder, 'server.properties'), text)
  }
  const mb = options.diskLimitMb
  const disks = mb ? nodes.map((node) => SmallDisk.at(node.logFolders[0] ?? node.folder, mb)) : []
  return { nodes, proxies, disks }
}

/** Formats the data folders that are not formatted yet. */
export async function format(
  nodes: readonly NodePlace[],
  jars: string,
  formatted: string,
  options: ClusterOptions,
): Promise<void> {
  const clusterId = randomId()
  const byTool = options.formatArgs || Object.keys(options.configs ?? {}).some((key) => FORMAT_SETTINGS.includes(key))
  for (const node of nodes) {
    const folders = [...new Set([join(node.folder, 'log'), ...node.logFolders])]
    if (folders.every((folder) => existsSync(join(folder, 'meta.properties')))) continue
    if (byTool) await formatWithTool(jars, join(node.folder, 'server.properties'), clusterId, options.formatArgs)
    else for (const folder of folders) formatAs(formatted, folder, clusterId, node.id)
  }
}

async function place(index: number, folder: string, options: ClusterOptions): Promise<NodePlace> {
  const names = [...(options.proxied ? [DIRECT] : []), ...Object.keys(options.listeners ?? {})]
  const [free = 0, controllerPort = 0, ...further] = await freePorts(2 + names.length)
  const port = options.ports?.[index] ?? free
  const log = join(folder, 'log')
  const small = join(folder, 'small-disk')
  return {
    id: index + 1,
    port,
    controllerPort,
    listeners: Object.fromEntries(names.map((name, at) => [name, further[at] ?? 0])),
    advertised: options.advertised?.[index] ?? port,
    logFolders: options.diskLimitMb ? [small, ...(options.secondDisk ? [log] : [])] : [log],
    folder,
  }
}
