// The bench's command line.
import { Failure } from '../src/base/failure.ts'
import { workloads } from './workloads.ts'

export const rivals = ['mm2', 'mm2-default', 'go'] as const
export type Rival = (typeof rivals)[number]

export interface Options {
  readonly workloads: readonly string[]
  readonly rivals: readonly Rival[]
  /** a tenth of the data, without updating the results page */
  readonly quick: boolean
  /** payload of each copying workload, MB; absent: the default of the workload */
  readonly mb?: number
  readonly repeat: number
  readonly help: boolean
}

export const usage = `npm run bench -- [--workload NAME...] [--rival NAME...] [--quick] [--mb N] [--repeat N]

  --workload NAME...  only these; all of them by default: ${workloads.map((w) => w.name).join(', ')}
  --rival NAME...     in addition to godwit and the ceilings: mm2 (the real MirrorMaker 2, tuned), mm2-default, go (a copier on franz-go)
  --quick             a tenth of the data, without updating the results page
  --mb N              payload of each copying workload in MB
  --repeat N          rounds; medians are reported (default 1)`

/** Parses the arguments. Throws a Failure USAGE that names the wrong one. */
export function parseOptions(words: readonly string[]): Options {
  const given = { workloads: [] as string[], rivals: [] as Rival[], quick: false, repeat: 1, help: false }
  let mb: number | undefined
  for (let i = 0; i < words.length; i++) {
    const [option, inline] = (words[i] ?? '').split('=', 2)
    const values = () => (inline === undefined ? takeWords() : [inline])
    const takeWords = () => {
      const taken: string[] = []
      for (let next = words[i + 1]; next !== undefined && !next.startsWith('--'); next = words[++i + 1])
        taken.push(next)
      return taken
    }
    if (option === '--workload') given.workloads.push(...known(values(), names, '--workload'))
    else if (option === '--rival') given.rivals.push(...known(values(), rivals, '--rival'))
    else if (option === '--mb') mb = count(values()[0], '--mb')
    else if (option === '--repeat') given.repeat = count(values()[0], '--repeat')
    else if (option === '--quick') given.quick = true
    else if (option === '--help') given.help = true
    else throw new Failure('USAGE', `there is no option ${words[i]}`, { remedy: usage })
  }
  return { ...given, workloads: given.workloads.length > 0 ? given.workloads : names, ...(mb && { mb }) }
}

const names = workloads.map((workload) => workload.name)

function known<Name extends string>(given: readonly string[], all: readonly Name[], option: string): Name[] {
  if (given.length === 0) throw new Failure('USAGE', `${option} needs a name: ${all.join(', ')}`)
  return given.map((word) => {
    const found = all.find((name) => name === word)
    if (found) return found
    throw new Failure('USAGE', `${option} knows ${all.join(', ')}, not '${word}'`)
  })
}

function count(word: string | undefined, option: string): number {
  const value = Number(word)
  if (Number.isInteger(value) && value > 0) return value
  throw new Failure('USAGE', `${option} needs a whole number above 0, not '${word ?? ''}'`)
}
