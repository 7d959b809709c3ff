// Latchkey beside other servers, and beside what the machine allows at most:
// npm run bench [-- --quick] [-- --mysql] [-- --only verify express] [-- --write | --page]
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureInstalled } from './compare/install.ts'
import { createLeavings } from './compare/leavings.ts'
import { readOptions } from './compare/options.ts'
import { killServers } from './compare/server.ts'
import { asText } from './compare/text.ts'

const options = readOptions(process.argv.slice(2))
const scratch = mkdtempSync(join(tmpdir(), 'latchkey-bench-'))
process.on('exit', () => {
  killServers()
  // A server that is about to end may still write.
  rmSync(scratch, { recursive: true, force: true, maxRetries: 5 })
})
const leavings = createLeavings()
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => void leavings.leave().finally(() => process.exit(130)))
}

try {
  ensureInstalled()
  if (!options.isPageOnly) await measure()
  if (options.writes) await (await import('./compare/stored.ts')).writePage()
} finally {
  await leavings.leave()
}

async function measure(): Promise<void> {
  // Not before the packages are there.
  const { run } = await import('./compare/run.ts')
  const results = await run({ options, scratch, leavings })
  console.log(asText(results))
  if (options.writes) (await import('./compare/stored.ts')).store(results)
}
