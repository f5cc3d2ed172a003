// The real MirrorMaker 2 in dedicated mode, from Kafka's own jars.
import type { Assignment, Contestant } from './contestant.ts'
import { codec, defaultTasks, tuned, writeMm2File } from './mm2-file.ts'

const MAIN = 'org.apache.kafka.connect.mirror.MirrorMaker'

function mm2(
  name: string,
  settings: (assignment: Assignment) => Record<string, string | number | boolean>,
): Contestant {
  return {
    name,
    kind: 'rival',
    takes: () => true,
    async launch(assignment) {
      const file = await writeMm2File(assignment, settings(assignment))
      const { java, classpath } = assignment.java
      const options = ['-Xms256m', '-Xmx2g', '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn']
      return { command: java, args: [...options, '-cp', classpath, MAIN, file], endsByItself: false }
    },
  }
}

export const mm2Tuned = mm2('MM2 tuned', tuned)
export const mm2Default = mm2('MM2 defaults', (assignment) => ({ ...codec(assignment), 'tasks.max': defaultTasks }))
