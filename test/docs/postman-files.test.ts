// runs once
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import {
  addressOf,
  collection,
  environment,
  fileText,
  type Item,
  requestsOf,
} from '../support/newman.ts'
import { assertSameLines } from '../support/same-lines.ts'

/** What lies in postman/, and the script that makes it. */

type Operation = { operationId: string; security: object[] }
type Document = { paths: Record<string, Record<string, Operation>> }

const COLLECTION = 'latchkey.postman_collection.json'
const ENVIRONMENT = 'latchkey.postman_environment.json'
const TOKENS = ['accessToken', 'refreshToken', 'refreshAt', 'refreshKey']
const PASSWORDS = ['password', 'newPassword']

const repository = new URL('../../', import.meta.url)
const document: Document = parse(readFileSync(new URL('openapi.yaml', repository), 'utf8'))

type Wish = { only?: (operation: Operation) => boolean }

/** As `METHOD /path/{variable}`, sorted. */
function operationsOf({ paths }: Document, { only = () => true }: Wish = {}): string[] {
  const all = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations)
      .filter(([, operation]) => only(operation))
      .map(([method]) => `${method.toUpperCase()} ${path}`),
  )
  return all.sort()
}

/** Each address once, since an operation may be several requests; sorted. */
const addressesOf = (items: Item[]) => [...new Set(items.map(addressOf))].sort()

test('postman/ is what the script makes of openapi.yaml (npm run openapi)', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-postman-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const script = fileURLToPath(new URL('generators/postman.mjs', repository))

  execFileSync(process.execPath, [script, '--into', folder])

  for (const name of [COLLECTION, ENVIRONMENT]) {
    assert.equal(readFileSync(join(folder, name), 'utf8'), fileText(name), name)
  }
})

test('The collection has every operation of the document and no other, each request with a name of its own', () => {
  const requests = requestsOf(collection)
  const names = requests.map(({ name }) => name)

  assert.deepEqual(addressesOf(requests), operationsOf(document))
  assert.deepEqual(
    names.filter((name, index) => names.indexOf(name) !== index),
    [],
  )
})

test('The script refuses an operation without an entry in the run, by name', async () => {
  const module = new URL('generators/postman-collection.mjs', repository).href
  const { collectionOf } = await import(module)
  const operation = { operationId: 'sellHouse' }
  const paths = { ...document.paths, '/houses/{id}/sale': { post: operation } }

  const make = () => collectionOf({ ...document, paths }, new Map())

  assert.throws(make, {
    message: 'No request in src/features/<feature>/postman.mjs for: sellHouse',
  })
})

test('The environment has every variable of the collection, and no token', () => {
  const used = [...fileText(COLLECTION).matchAll(/\{\{(\w+)\}\}|store\.[gs]et\('(\w+)'/g)]
  const known = new Map(environment.values.map((variable) => [variable.key, variable]))

  const unknown = used.map(([, a, b]) => a ?? b ?? '').filter((name) => !known.has(name))

  assert.deepEqual(unknown, [])
  for (const name of TOKENS) assert.equal(known.get(name)?.value, '', name)
  for (const name of [...TOKENS.slice(0, 2), ...PASSWORDS]) {
    assert.equal(known.get(name)?.type, 'secret', name)
  }
  assert.equal(known.get('baseUrl')?.value, 'http://localhost:3000')
})

test('The collection has the variables of the environment with the same defaults', () => {
  const defaults = ({ key, value }: { key: string; value: string }) => [key, value]

  assert.deepEqual(collection.variable.map(defaults), environment.values.map(defaults))
})

test('Each folder says in a sentence what it lacks where it is run alone', () => {
  const lacks = collection.item.map(({ name, description = '' }) => {
    const [sentence = ''] = /Run alone, this folder lacks [^.]+\.$/.exec(description) ?? []
    const requests = [...sentence.matchAll(/"([^"]+)"/g)].map(([, request]) => request)
    return `${name}: ${requests.join(', ') || 'nothing'}`
  })

  const account = 'Create an account and sign in'
  const note = 'Create a note of your own'
  const house = 'Create a house of your own'
  const known = [
    'Accounts: nothing',
    `Activity: ${account}`,
    `Sessions: ${account}`,
    `Notes: ${account}`,
    `Houses: ${account}`,
    `Photos: ${account}, ${house}`,
    `Providers: ${account}`,
    `Administration: ${account}`,
    ...['Service: nothing', 'Keys: nothing', 'Errors: nothing'],
    `Mail and recovery: ${account}`,
    `Second factor: ${account}`,
    `Delete and sign out: ${[account, note, 'Create an account, or invite somebody', house].join(', ')}`,
  ]
  const advice = '`known` in this file says what each folder lacks: add the folder of your resource'
  assertSameLines(lacks, known, advice)
})

test('The collection sends the access token to protected operations only', () => {
  const isOpen = ({ security, operationId }: Operation) =>
    security.length === 0 || operationId === 'refresh'

  const open = requestsOf(collection).filter(({ request }) => request?.auth?.type === 'noauth')

  assert.deepEqual(addressesOf(open), operationsOf(document, { only: isOpen }))
  assert.ok(open.length > 2)
})

test('The collection is small enough to import quickly, below 500 kB', () => {
  const { length } = fileText(COLLECTION)

  assert.ok(length < 500_000, `${length} characters`)
})
