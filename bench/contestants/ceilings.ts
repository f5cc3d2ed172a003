// The ceilings: how fast these brokers return and accept the same bytes when nothing else is done.
import { join } from 'node:path'
import { type Contestant, targetNameOf } from './contestant.ts'

const node = join(import.meta.dirname, '../../bin/node24')
const script = (name: string) => join(import.meta.dirname, '../ceilings', name)
const AT_MOST_SECONDS = 8

export const fetchOnly: Contestant = {
  name: 'fetch only',
  kind: 'ceiling',
  takes: (kind) => kind === 'copy',
  async launch({ source, topics }) {
    const [[topic, partitions] = ['', 0]] = topics
    return { command: node, args: [script('fetch.ts'), source, topic, `${partitions}`], endsByItself: true }
  },
}

export const produceOnly: Contestant = {
  name: 'produce only',
  kind: 'ceiling',
  takes: (kind) => kind === 'copy',
  async launch(assignment) {
    const { source, target, topics, records } = assignment
    const [[topic, partitions] = ['', 0]] = topics
    const words = [source, target, topic, targetNameOf(assignment, topic), partitions, records, AT_MOST_SECONDS]
    return { command: node, args: [script('produce.ts'), ...words.map(String)], endsByItself: true }
  },
}
