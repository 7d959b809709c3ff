import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import type { Operation } from './contender.ts'
import { pageOf, plotPath, plotTitle, type Stored } from './page.ts'
import { rateOf } from './read-results.ts'
import type { Results } from './results.ts'
import { nameOf } from './tables.ts'

const DOCS = new URL('../../docs/', import.meta.url)
const PAGE = fileURLToPath(new URL('benchmarks.md', DOCS))
const FOLDER = fileURLToPath(new URL('benchmarks', DOCS))
const RESULTS = fileURLToPath(new URL('benchmarks/results.json', DOCS))

/** The results that the page is made from: the latest run on each database. */
export function readStored(): Stored {
  return existsSync(RESULTS) ? JSON.parse(readFileSync(RESULTS, 'utf8')) : {}
}

/** Keeps the results of a run in place of the former ones on the same database. */
export function store(results: Results): void {
  mkdirSync(FOLDER, { recursive: true })
  const stored: Stored = { ...readStored(), [results.database]: results }
  writeFileSync(RESULTS, JSON.stringify(stored))
  // As `npm run check` wants it, with short lists on one line.
  const biome = createRequire(import.meta.url).resolve('@biomejs/biome/bin/biome')
  execFileSync(process.execPath, [biome, 'format', '--write', RESULTS], { stdio: 'pipe' })
}

/** Writes the page and its plots from what is stored. */
export async function writePage(): Promise<void> {
  const stored = readStored()
  const before = existsSync(PAGE) ? readFileSync(PAGE, 'utf8') : ''
  writeFileSync(PAGE, pageOf(stored, before))
  const { drawBars } = await import('./plot.mjs')
  for (const operation of Object.keys(stored.sqlite?.rates ?? {}) as Operation[]) {
    const path = fileURLToPath(new URL(plotPath(operation), DOCS))
    writeFileSync(path, await drawBars(plotTitle(operation), barsOf(stored, operation)))
  }
}

/** The fastest first. Latchkey on the database server stands among those on files. */
function barsOf({ sqlite, mysql }: Stored, operation: Operation) {
  const bars = (results: Results | undefined, place: string) =>
    (results?.rates[operation] ?? []).map((row) => ({
      name: `${nameOf(row, operation)}${place}`,
      kind: row.kind,
      ...rateOf(row),
    }))
  const onServer = operation === 'refresh' ? bars(mysql, ', MariaDB') : []
  return [...bars(sqlite, ''), ...onServer].sort((one, other) => other.median - one.median)
}
