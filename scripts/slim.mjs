// For container images: installs what the server needs to run, and nothing else.
// "npm ci --omit=dev" would keep Prisma's command line, an optional peer of its client (260 MB).
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

const CLIENT = 'node_modules/@prisma/client'
const OTHER_DATABASES = /(cockroachdb|postgresql|sqlserver)/
const FOR_DEVELOPERS = /\.(map|d\.ts|d\.mts)$/

run('npm', 'pkg', 'delete', 'devDependencies', 'workspaces')
// The versions stay those of package-lock.json, which is still there.
run('npm', 'install', '--no-audit', '--no-fund')
removeFrom(`${CLIENT}/runtime`, (name) => OTHER_DATABASES.test(name) || FOR_DEVELOPERS.test(name))
// The other C library's binary; which one is ours shows in how Node itself was linked.
const isGlibc = Boolean(process.report.getReport().header.glibcVersionRuntime)
removeFrom('node_modules/@libsql', (name) => name.endsWith(isGlibc ? '-musl' : '-gnu'))

function run(program, ...args) {
  execFileSync(program, args, { stdio: 'inherit' })
}

function removeFrom(folder, isUnneeded) {
  if (!existsSync(folder)) return
  for (const name of readdirSync(folder).filter(isUnneeded)) {
    rmSync(join(folder, name), { recursive: true })
  }
}
