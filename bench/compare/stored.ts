import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { writeFigures } from '../support/page.ts'
import { figuresOf, type Stored } from './page.ts'
import type { Results } from './results.ts'

const DOCS = new URL('../../docs/', import.meta.url)
const FOLDER = fileURLToPath(new URL('benchmarks', DOCS))
const RESULTS = fileURLToPath(new URL('benchmarks/results.json', DOCS))

/** The results that the page is made from: the latest run on each database. */
function readStored(): Stored {
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

/** Writes the page from what is stored. */
export function writePage(): void {
  writeFigures('benchmarks.md', figuresOf(readStored()))
}
