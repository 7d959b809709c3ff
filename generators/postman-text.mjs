// Ids and scripts of the Postman collection.
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { SOURCES } from './postman-requests.mjs'

const SCRIPTS = new URL('postman-scripts/', import.meta.url)

/** The same id for the same name in every run (a UUID of version 8, RFC 9562 5.8). */
export function idOf(name) {
  const hex = createHash('sha256').update(`latchkey postman ${name}`).digest('hex')
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-')
}

/** Variables are in this collection's environment if it is chosen, else in the collection. */
const STORE =
  "const store = pm.environment.has('baseUrl') ? pm.environment : pm.collectionVariables"

/** Scripts of the collection or of an operation: of their files, and these lines. */
export function eventsOf(name, { before = [], after = [] } = {}) {
  const events = [
    { listen: 'prerequest', exec: [...before, ...fileLines(`${name}.before.js`)] },
    { listen: 'test', exec: [...after, ...fileLines(`${name}.after.js`)] },
  ]
  return events
    .filter(({ exec }) => exec.length > 0)
    .map(({ listen, exec }) => ({
      listen,
      script: { type: 'text/javascript', exec: withStore(exec) },
    }))
}

function withStore(lines) {
  return lines.some((line) => line.includes('store.')) ? [STORE, ...lines] : lines
}

function fileLines(name) {
  const address = new URL(name, SCRIPTS)
  return existsSync(address) ? linesOf(address) : []
}

/** Postman has no modules of its own: inlines what a script imports. */
function linesOf(address) {
  const text = readFileSync(address, 'utf8')
    .replace(/^import .* from '(.*)'$/gm, (_, path) => linesOf(new URL(path, SCRIPTS)).join('\n'))
    .replace(/^export /gm, '')
  return text.trimEnd().split('\n')
}

/** Skips a request whose address is unknown, and says what to send first. */
export function adviceLines({ path = {}, needs }, nameOf) {
  if (needs) return []
  return variablesIn(path).map((variable) => {
    const source = JSON.stringify(`Send "${nameOf(SOURCES[variable])}" first.`)
    return `if (!store.get('${variable}')) throw new Error(${source})`
  })
}

/** Skips a request that an earlier one has left nothing to do for. */
export function skipLines({ needs }) {
  return needs ? [`if (!store.get('${needs}')) pm.execution.skipRequest()`] : []
}

/** What scripts of an operation know of the one request. */
export function givenLines({ given = {} }) {
  return Object.entries(given).map(([name, value]) => `const ${name} = ${JSON.stringify(value)}`)
}

export function variablesIn(path) {
  return Object.values(path).flatMap((value) => value.match(/(?<=^\{\{)\w+/) ?? [])
}

/** Checks the status of a response, and stores what later requests need. */
export function answerLines({ status, keep = {}, forget = [] }) {
  const changes = [
    ...Object.entries(keep).map(([name, code]) => `  store.set('${name}', ${code})`),
    ...forget.map((name) => `  store.set('${name}', '')`),
  ]
  const list = status.join(', ')
  const lines = [
    `pm.test('answers ${status.join(' or ')}', () => {`,
    `  pm.expect(pm.response.code).to.be.oneOf([${list}])`,
    '})',
  ]
  return changes.length > 0
    ? [...lines, `if (pm.response.code === ${status[0]}) {`, ...changes, '}']
    : lines
}
