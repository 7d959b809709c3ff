// runs once Runs docs/upgrading-a-fork.md in a small copy of a repository in which both sides add a
// feature at the same place.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import test from 'node:test'
import { scratchDirectory } from '../support/databases.ts'
import { pageAt, runSteps, skipWithout, stepsOf } from '../support/walkthrough.ts'

const PAGE = 'docs/upgrading-a-fork.md'
const WHO = ['-c', 'user.name=somebody', '-c', 'user.email=somebody@example.com']

test('The commands of the page upgrade a copy that has its own feature', {
  skip: skipWithout(['bash', 'git'], PAGE),
}, async (t) => {
  const [upstream, copy] = [
    join(scratchDirectory(t), 'upstream'),
    join(scratchDirectory(t), 'copy'),
  ]
  git(dirname(upstream), 'init', '--quiet', upstream)
  commit(upstream, { 'src/features.ts': list('houses'), 'openapi.yaml': 'houses\n' })
  git(dirname(copy), 'clone', '--quiet', upstream, copy)
  commit(copy, {
    'src/features.ts': list('houses', 'invoices'),
    'openapi.yaml': 'houses, invoices\n',
  })
  commit(upstream, {
    'src/features.ts': list('houses', 'notes'),
    'openapi.yaml': 'houses, notes\n',
  })
  git(upstream, 'tag', 'v0.3.0')
  const identity = ['AUTHOR', 'COMMITTER'].map(
    (role) => `export GIT_${role}_NAME=somebody GIT_${role}_EMAIL=somebody@example.com\n`,
  )
  // The generators stand for what makes these files in the real repository.
  const npm = `npm() { if [ "$*" = 'run openapi' ]; then echo 'houses, invoices, notes' > openapi.yaml; fi; }\n`

  const steps = stepsOf(pageAt(PAGE))
  await runSteps(steps, copy, `${identity.join('')}UPSTREAM='${upstream}'\n${npm}`)

  const features = readFileSync(join(copy, 'src/features.ts'), 'utf8')
  for (const name of ['houses', 'invoices', 'notes'])
    assert.match(features, new RegExp(`  ${name},`))
  assert.doesNotMatch(features, /[<>=]{7}/)
  assert.equal(readFileSync(join(copy, 'openapi.yaml'), 'utf8'), 'houses, invoices, notes\n')
  assert.equal(git(copy, 'status', '--porcelain'), '')
  assert.equal(git(copy, 'log', '--merges', '--oneline').trim().split('\n').length, 1)
})

function list(...names: string[]): string {
  return `export const FEATURES = [\n${names.map((name) => `  ${name},\n`).join('')}]\n`
}

function commit(folder: string, files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  git(folder, 'add', '--all')
  git(folder, 'commit', '--quiet', '-m', 'a change')
}

function git(cwd: string, ...args: string[]): string {
  return execFileSync('git', [...WHO, ...args], { cwd, encoding: 'utf8' })
}
