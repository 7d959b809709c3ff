// runs once
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import test from 'node:test'
import { fileURLToPath } from 'node:url'

const TEST_FOLDER = fileURLToPath(new URL('./', import.meta.url))
const LINES_MAX = 400
/** They hold the laws of the whole repository. */
const ON_TOP = ['architecture.test.ts', 'test-files.test.ts']
/** Programs and models that need several files; a test of another topic takes nothing from them. */
const FLEET_FOLDERS = ['fleet/galera', 'fleet', 'fleet/faults', 'fleet/load', 'fleet/machines']
const PROGRAM_FOLDERS = ['browser', 'browser/spa', 'crash', ...FLEET_FOLDERS, 'model', 'rendering']

/** What a test adds to a copy of the sources: no helpers. */
const TRANSLATIONS = 'fixtures/languages/'

const files = readdirSync(TEST_FOLDER, { recursive: true, encoding: 'utf8' })
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => path.endsWith('.ts') && !path.startsWith(TRANSLATIONS))

test(`no file of test/ has more than ${LINES_MAX} lines`, () => {
  const long = files.filter((path) => linesOf(path) > LINES_MAX)

  assert.deepEqual(long, [], 'split them by subject')
})

test('every test file is in the folder of its topic', () => {
  const flat = files.filter((path) => !path.includes('/') && !ON_TOP.includes(path))

  assert.deepEqual(flat, [], 'move them to test/<topic>/')
})

test('every helper is in test/support/ or in the folder of its program', () => {
  const folders = ['support', ...PROGRAM_FOLDERS]
  const stray = files.filter(
    (path) => !path.endsWith('.test.ts') && !folders.includes(dirname(path)),
  )

  assert.deepEqual(stray, [], 'move them to test/support/')
})

test('test/support/ has no tests', () => {
  const tests = files.filter((path) => path.startsWith('support/') && path.endsWith('.test.ts'))

  assert.deepEqual(tests, [], 'move them to test/<topic>/')
})

test('no test waits with a text, which the policy of a page may forbid', () => {
  const eager = files.filter((path) => /\.waitForFunction\(\s*['"`]/.test(textOf(path)))

  assert.deepEqual(eager, [], 'use untilTrue of test/support/browser.ts')
})

function linesOf(path: string): number {
  return textOf(path).trimEnd().split('\n').length
}

function textOf(path: string): string {
  return readFileSync(`${TEST_FOLDER}${path}`, 'utf8')
}
