// runs once
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { pageAt, skipWithout } from '../support/walkthrough.ts'

// What can be held of continuous integration without running it.

type Step = { uses?: string; run?: string; with?: Record<string, unknown> }
type Job = {
  'timeout-minutes'?: number
  strategy?: { matrix: { node: number[] } }
  steps: Step[]
}
type Workflow = { permissions: Record<string, string>; jobs: Record<string, Job> }

const WORKFLOW = '.github/workflows/ci.yml'
const { permissions, jobs } = parse(pageAt(WORKFLOW)) as Workflow

/** The lines of Node.js that package.json allows. */
const lines = [...JSON.parse(pageAt('package.json')).engines.node.matchAll(/(\d+)\.\d+\.\d+/g)].map(
  ([, major]) => Number(major),
)

test('CI tries every line of Node.js that package.json allows', () => {
  const others = /OTHER_NODES-([\d ]+)\}/.exec(pageAt('.ci/run'))?.[1]?.split(' ').map(Number)

  assert.deepEqual(jobs.sqlite?.strategy?.matrix.node, lines)
  assert.deepEqual(others, lines.slice(1))
})

test('the workflow pins actions by digest, only reads, and ends by itself', () => {
  const uses = [...pageAt(WORKFLOW).matchAll(/uses: (.+)$/gm)].map(([, action = '']) => action)

  assert.ok(uses.length >= 4)
  for (const action of uses) assert.match(action, /^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/)
  assert.deepEqual(permissions, { contents: 'read' })
  for (const job of Object.values(jobs)) assert.ok((job['timeout-minutes'] ?? 0) > 0)
})

test('the script of CI is valid shell', { skip: skipWithout(['bash'], '.ci/run') }, () => {
  const script = fileURLToPath(new URL('../../.ci/run', import.meta.url))

  execFileSync('bash', ['-n', script])
})
