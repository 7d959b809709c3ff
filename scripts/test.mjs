// Runs the tests on SQLite, then on MySQL: npm test [-- words in paths] [-- options of node]
// With --leg=sqlite or --leg=mysql it runs on one of them alone.
// A file that begins with "// runs once" does not depend on the database: first leg only.
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ensureBuilt } from './build.mjs'
import { compileTests } from './compile-tests.mjs'
import { generate } from './generate.mjs'
import { shareProcesses } from './share-processes.mjs'
import { startDatabase } from './throwaway-mysql.mjs'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const TEST_TIMEOUT_MS = 240_000
const MEMORY_FOLDER = '/dev/shm'
/** More than the database and files of the tests need. */
const ROOM_BYTES = 1024 ** 3
const MISSING_DATABASE =
  'NOT TESTED ON MYSQL: no mariadbd or mysqld is installed. Install one (Debian: apt-get install mariadb-server) or set TEST_DATABASE_URL=mysql://user:password@host:3306/database'
const MISSING_REDIS =
  'NOT TESTED WITH REDIS: no redis-server is installed (Debian: apt-get install redis-server)'

const scratch = mkdtempSync(join(memoryFolder() ?? tmpdir(), 'latchkey-test-'))
const running = new Set()
let results = []

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => abort())
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }))

const LEG = '--leg='
const leg = process.argv.find((word) => word.startsWith(LEG))?.slice(LEG.length)
if (leg !== undefined && !['sqlite', 'mysql'].includes(leg)) {
  stop(`There is no leg ${leg}: write --leg=sqlite or --leg=mysql.`)
}
const options = process.argv.slice(2).filter((word) => /^-(?!-leg=)/.test(word))
const words = process.argv.slice(2).filter((word) => !word.startsWith('-'))
const files = chosenFiles()
if (files.length === 0) stop(`No test file has ${words.join(' or ')} in its path.`)

await generate()
// Some tests start the built server; they would build it at the same time.
await ensureBuilt()
const compiled = join(scratch, 'compiled')
await compileTests(compiled)
const sqliteFiles = leg === 'mysql' ? [] : files
const mysqlFiles = leg === 'sqlite' ? [] : files.filter((file) => !runsOnce(file))
if (sqliteFiles.length + mysqlFiles.length === 0) stop(`These files run on SQLite alone.`)
// The database of the second leg gets ready beside the first.
const [, database] = await Promise.all([
  sqliteFiles.length > 0
    ? runLeg('SQLite', sqliteFiles, { TEST_DATABASE: 'sqlite', TEST_DATABASE_URL: undefined })
    : undefined,
  mysqlFiles.length > 0 ? openDatabase() : undefined,
])
if (mysqlFiles.length > 0) await runMysqlLeg(mysqlFiles, database)
lookForRedis()
report()

/** Memory is faster than a disk, above all for creating the tables of each server. */
function memoryFolder() {
  try {
    const { bavail, bsize } = statfsSync(MEMORY_FOLDER)
    return bavail * bsize >= ROOM_BYTES ? MEMORY_FOLDER : undefined
  } catch {
    return undefined
  }
}

function chosenFiles() {
  return readdirSync(join(ROOT, 'test'), { recursive: true })
    .filter((path) => path.endsWith('.test.ts'))
    .filter((path) => words.length === 0 || words.some((word) => path.includes(word)))
    .sort()
    .map((path) => join('test', path))
}

function runsOnce(file) {
  return readFileSync(join(ROOT, file), 'utf8').startsWith('// runs once')
}

/** The given database, or a temporary one; undefined without either. */
async function openDatabase() {
  const url = process.env.TEST_DATABASE_URL
  if (url) return { url, stop: async () => undefined }
  const started = await startDatabase(scratch)
  if (started) running.add(started)
  return started
}

async function runMysqlLeg(legFiles, opened) {
  if (!opened) return missDatabase()
  await runLeg('MySQL', legFiles, { TEST_DATABASE: 'mysql', TEST_DATABASE_URL: opened.url })
  running.delete(opened)
  await opened.stop()
}

function missDatabase() {
  const isRequired = process.env.REQUIRE_MYSQL === '1'
  results = [...results, { line: MISSING_DATABASE, failed: isRequired, missed: true }]
}

/** Without Redis, its tests skip themselves. */
function lookForRedis() {
  const isAsked = files.some((file) => file.includes('redis'))
  if (!isAsked || spawnSync('redis-server', ['--version']).status === 0) return
  const isRequired = process.env.REQUIRE_REDIS === '1'
  results = [...results, { line: MISSING_REDIS, failed: isRequired, missed: true }]
}

/** Runs node's test runner, and reads the counts from a second, plain report. */
async function runLeg(name, legFiles, environment) {
  console.log(`\n== ${name}: ${legFiles.length} files`)
  const figures = join(scratch, `${name}.tap`)
  const reporters = [
    ...['--test-reporter=spec', '--test-reporter-destination=stdout'],
    ...['--test-reporter=tap', `--test-reporter-destination=${figures}`],
  ]
  const limits = ['--test-concurrency=3', `--test-timeout=${TEST_TIMEOUT_MS}`]
  const programs = shareProcesses(legFiles, compiled, join(compiled, 'test', name))
  const args = ['--test', ...limits, ...reporters, ...options, ...programs]
  const startedAt = performance.now()
  const code = await runNode(args, environment)
  const seconds = Math.round((performance.now() - startedAt) / 1000)
  const { passed, failed, skipped } = countsOf(figures)
  results = [
    ...results,
    {
      line: `${name}: ${passed} passed, ${failed} failed, ${skipped} skipped (${seconds} s)`,
      failed: code !== 0 || failed > 0 || passed === 0,
    },
    ...missedIn(figures),
  ]
}

/** Skipped tests name the missing tool; the summary repeats it. */
function missedIn(figures) {
  const skipped = readFileSync(figures, 'utf8').matchAll(
    /^ *ok \d+ - (.+) # SKIP (.*\binstall\b.*)$/gm,
  )
  return [...skipped].map(([, test, reason]) => ({
    line: `NOT TESTED: "${test}": ${reason}`,
    failed: false,
    missed: true,
  }))
}

function runNode(args, environment) {
  const env = { ...process.env, TMPDIR: scratch, ...environment }
  // Set by an outer test runner, it would change how this one reports.
  delete env.NODE_TEST_CONTEXT
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  const handle = { stop: () => child.kill('SIGTERM') }
  running.add(handle)
  return new Promise((resolve) => {
    child.once('error', () => resolve(1))
    child.once('exit', (code) => {
      running.delete(handle)
      resolve(code ?? 1)
    })
  })
}

function countsOf(path) {
  const text = readFileSync(path, 'utf8')
  const count = (label) => Number(text.match(new RegExp(`^# ${label} (\\d+)$`, 'm'))?.[1] ?? 0)
  return {
    passed: count('pass'),
    failed: count('fail') + count('cancelled'),
    skipped: count('skipped'),
  }
}

function report() {
  console.log('')
  for (const { line, failed, missed } of results) {
    console.log(`${failed ? '✖' : missed ? '⚠' : '✔'} ${line}`)
  }
  process.exitCode = results.some(({ failed }) => failed) ? 1 : 0
}

async function abort() {
  for (const handle of [...running].reverse()) await handle.stop()
  process.exit(130)
}

function stop(reason) {
  console.error(reason)
  process.exit(1)
}
