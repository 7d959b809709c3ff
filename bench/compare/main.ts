// Latchkey beside other servers, and beside what the machine allows at most:
// npm run bench [-- --quick] [-- --mysql] [-- --only verify express] [-- --write | --page]
// Latchkey beside another state of the repository: npm run bench -- --against <commit>

import { ensureInstalled } from '../peers/install.ts'
import { inWorkspace } from '../support/workspace.ts'
import { againstTable } from './against.ts'
import { needsPackages } from './competitors.ts'
import { instructionGoals, isMet } from './goals.ts'
import { readOptions } from './options.ts'
import { leftOutLines, runSections } from './page.ts'
import { run } from './run.ts'
import { store, writePage } from './stored.ts'
import { goalTable } from './tables.ts'

const options = readOptions(process.argv.slice(2))

await inWorkspace(async (workspace) => {
  if (options.isPageOnly) {
    writePage()
    return true
  }
  if (needsPackages(options)) ensureInstalled()
  const results = await run(options, workspace)
  if (options.against) {
    const { text, slower } = againstTable(results)
    console.log(`\n${text}`)
    return slower.length === 0
  }
  console.log(runSections(results))
  console.log(leftOutLines(results))
  if (options.writes) {
    store(results)
    writePage()
  }
  const goals = instructionGoals(results.instructions)
  if (goals.length > 0) console.log(`\n${goalTable(goals)}`)
  return goals.every((goal) => isMet(goal))
})
