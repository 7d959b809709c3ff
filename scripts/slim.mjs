// For container images: installs only what the server needs. "npm ci --omit=dev" would keep
// Prisma's command line, an optional peer of its client (260 MB).
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

const CLIENT = 'node_modules/@prisma/client'
const OTHER_DATABASES = /(cockroachdb|postgresql|sqlserver)/
const FOR_DEVELOPERS = /\.(map|d\.ts|d\.mts)$/

run('npm', 'pkg', 'delete', 'devDependencies', 'workspaces')
// Versions stay those of package-lock.json, which still exists.
run('npm', 'install', '--no-audit', '--no-fund')
removeFrom(`${CLIENT}/runtime`, (name) => OTHER_DATABASES.test(name) || FOR_DEVELOPERS.test(name))
// Three builds of each package, with maps and types; Node.js loads one.
for (const folder of buildsOf('node_modules/@opentelemetry')) {
  removeFrom(folder, (name) => name === 'esm' || name === 'esnext')
  removeBelow(`${folder}/src`, (name) => FOR_DEVELOPERS.test(name))
}
// The binary for the other C library; how Node was linked shows which one is ours.
const isGlibc = Boolean(process.report.getReport().header.glibcVersionRuntime)
removeFrom('node_modules/@libsql', (name) => name.endsWith(isGlibc ? '-musl' : '-gnu'))

function run(program, ...args) {
  execFileSync(program, args, { stdio: 'inherit' })
}

function buildsOf(scope) {
  return readdirSync(scope, { recursive: true })
    .filter((name) => name.endsWith('/build'))
    .map((name) => join(scope, name))
}

function removeBelow(folder, isUnneeded) {
  if (!existsSync(folder)) return
  for (const name of readdirSync(folder, { recursive: true }).filter(isUnneeded)) {
    rmSync(join(folder, name), { recursive: true })
  }
}

function removeFrom(folder, isUnneeded) {
  if (!existsSync(folder)) return
  for (const name of readdirSync(folder).filter(isUnneeded)) {
    rmSync(join(folder, name), { recursive: true })
  }
}
