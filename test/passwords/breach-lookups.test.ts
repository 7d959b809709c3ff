// runs once
// How a password is looked up among breached ones, in a range API and in a file.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  type BreachSource,
  createBreachedPasswords,
} from '../../src/platform/passwords/breached/breached-passwords.ts'
import { issueOfHashFile } from '../../src/platform/passwords/breached/hash-file.ts'
import {
  type Answering,
  BREACHED,
  hashOf,
  lineOf,
  startRanges,
  withLines,
} from '../support/breaches.ts'
import { scratchDirectory } from '../support/databases.ts'
import { freePort } from '../support/free-port.ts'

const RANGE = hashOf(BREACHED).slice(0, 5)

function open(source: BreachSource, limitMs?: number) {
  const logs: string[] = []
  const log = {
    warn: (facts: object, message: string) => void logs.push(JSON.stringify([facts, message])),
  }
  return { ...createBreachedPasswords({ source, log, ...(limitMs ? { limitMs } : {}) }), logs }
}

async function openRanges(t: TestContext, answering?: Answering, limitMs?: number) {
  const ranges = await startRanges(t, answering)
  return { ranges, ...open({ kind: 'ranges', address: ranges.address }, limitMs) }
}

test('a password is found by five digits of its hash, with padding', async (t) => {
  const { has, ranges, counts, logs } = await openRanges(t, withLines(lineOf(BREACHED)))

  assert.equal(await has(BREACHED), true)
  assert.equal(await has('another one of the sea'), false)

  const other = hashOf('another one of the sea').slice(0, 5)
  const asked = [RANGE, other].map((range) => ({ url: `/range/${range}`, padding: 'true' }))
  assert.deepEqual(ranges.asked, asked)
  assert.deepEqual(counts(), { checked: 2, found: 1, failed: 0 })
  assert.deepEqual(logs, [])
})

test('padding does not count, and neither case nor form nor line ends matter', async (t) => {
  const { has, ranges } = await openRanges(t, withLines(lineOf(BREACHED, 0)))
  assert.equal(await has(BREACHED), false)

  ranges.answering = (response) => response.end(`${lineOf(BREACHED).toLowerCase()}\n`)
  assert.equal(await has(BREACHED), true)

  ranges.answering = withLines(lineOf('caf\u00e9 by the sea'))
  assert.equal(await has('cafe\u0301\u00a0by the sea'), true)
})

test('without a list every password passes, and nothing is counted', async () => {
  const { has, counts } = open(undefined)

  assert.equal(await has(BREACHED), false)
  assert.deepEqual(counts(), { checked: 0, found: 0, failed: 0 })
})

const LINE = lineOf(BREACHED)
const failures: [title: string, reason: RegExp, answering: Answering][] = [
  ['500', /the status 500/, (response) => response.writeHead(500).end(LINE)],
  ['404', /the status 404/, (response) => response.writeHead(404).end(LINE)],
  ['a page', /not a list/, (response) => response.end('<html>Sign in to the hotel</html>')],
  ['a page around a line', /not a list/, (response) => response.end(`<pre>\n${LINE}\n</pre>`)],
  ['nothing', /not a list/, (response) => response.end()],
  [
    'half an answer',
    /ECONNRESET|aborted/,
    (response) => {
      response.writeHead(200, { 'content-length': '999' }).write(LINE)
      setImmediate(() => response.destroy())
    },
  ],
  ['a hang-up', /hang up/, (response) => response.destroy()],
  ['silence', /time/, () => undefined],
  [
    'a slow answer',
    /time/,
    async (response) => {
      while (!response.destroyed) {
        response.write(`${LINE}\r\n`)
        await sleep(20)
      }
    },
  ],
]

for (const [title, reason, answering] of failures) {
  test(`a range API that answers with ${title} lets the password pass, counted and logged`, async (t) => {
    // A busy machine can need a while for an answer that is bad.
    const waitsMs = reason.source === 'time' ? 200 : 20_000
    const { has, counts, logs } = await openRanges(t, answering, waitsMs)

    const startedAt = performance.now()
    assert.equal(await has(BREACHED), false)

    assert.ok(performance.now() - startedAt < 10_000)
    assert.deepEqual(counts(), { checked: 1, found: 0, failed: 1 })
    assert.equal(logs.length, 1)
    assert.match(logs[0] ?? '', reason)
    for (const secret of [RANGE, hashOf(BREACHED).slice(5), BREACHED])
      assert.ok(!logs[0]?.includes(secret), logs[0])
  })
}

test('an answer of more than 1 MiB is cut off', async (t) => {
  let isCutOff: Promise<unknown> | undefined
  const { has, logs } = await openRanges(t, (response) => {
    isCutOff = once(response, 'close')
    const more = () => response.destroyed || response.write(`${LINE}\r\n`.repeat(9000), more)
    more()
  })

  assert.equal(await has(BREACHED), false)

  assert.match(logs[0] ?? '', /too long/)
  await isCutOff
})

test('a redirect is not followed, to another host or to the same', async (t) => {
  const elsewhere = await startRanges(t, withLines(LINE))
  const { has, ranges, counts } = await openRanges(t)
  for (const target of [`${elsewhere.address}/range/${RANGE}`, `/other/${RANGE}`]) {
    ranges.answering = (response) => response.writeHead(302, { location: target }).end()
    assert.equal(await has(BREACHED), false)
  }

  assert.equal(elsewhere.asked.length, 0)
  assert.equal(ranges.asked.length, 2)
  assert.equal(counts().failed, 2)
})

test('a server that is not there lets passwords pass', async () => {
  const address = `http://127.0.0.1:${await freePort()}`
  const { has, logs } = open({ kind: 'ranges', address })

  assert.equal(await has(BREACHED), false)
  assert.match(logs[0] ?? '', /ECONNREFUSED/)
})

test('of many lookups at once ten are on their way, and none waits longer than the limit', async (t) => {
  const { has, ranges, counts, logs } = await openRanges(
    t,
    (response, { url = '' }) => /[0-7]$/.test(url) && response.write(LINE),
    300,
  )

  const startedAt = performance.now()
  await Promise.all(Array.from({ length: 200 }, (_, at) => has(`password number ${at}`)))

  assert.ok(performance.now() - startedAt < 2000)
  assert.equal(ranges.most, 10)
  assert.equal(counts().failed, 200)
  ranges.answering = withLines(LINE)
  assert.equal(await has(BREACHED), true, JSON.stringify(logs.slice(200)))
})

/** Sorted lines with the hashes of these passwords. */
function linesOf(passwords: string[]): string[] {
  return passwords.map((password) => `${hashOf(password)}:${1 + (password.length % 3)}`).sort()
}

const many = Array.from({ length: 3000 }, (_, at) => `listed ${at}`)

for (const [title, end, last] of [
  ['LF', '\n', '\n'],
  ['LF and no last one', '\n', ''],
  ['CRLF', '\r\n', '\r\n'],
  ['CRLF and no last one', '\r\n', ''],
] as const) {
  test(`a file with line ends of ${title} has its passwords, and no other`, async (t) => {
    const path = join(scratchDirectory(t), 'hashes.txt')
    for (const count of [1, 2, 90, 3000]) {
      const listed = many.slice(0, count)
      writeFileSync(path, linesOf(listed).join(end) + last)
      assert.equal(issueOfHashFile(path), undefined)
      const { has, logs } = open({ kind: 'file', path })
      const ordered = listed.toSorted((a, b) => (hashOf(a) < hashOf(b) ? -1 : 1))
      const some = ordered.filter((_, at) => at < 3 || at > count - 3 || at % 97 === 0)

      for (const password of some) assert.equal(await has(password), true, password)
      for (let at = 0; at < 30; at++) assert.equal(await has(`not listed ${at}`), false)
      assert.deepEqual(logs, [])
    }
  })
}

test('a file that takes the place of another is used at once; one that is gone lets pass', async (t) => {
  const folder = scratchDirectory(t)
  const [path, next] = ['hashes.txt', 'next.txt'].map((name) => join(folder, name)) as [
    string,
    string,
  ]
  writeFileSync(path, linesOf(many).join('\n'))
  const { has, counts, logs } = open({ kind: 'file', path })
  assert.equal(await has(BREACHED), false)

  writeFileSync(next, linesOf([...many, BREACHED]).join('\n'))
  renameSync(next, path)
  assert.equal(await has(BREACHED), true)
  writeFileSync(path, 'x'.repeat(20_000))
  assert.equal(await has(BREACHED), false)
  rmSync(path)
  assert.equal(await has(BREACHED), false)

  assert.deepEqual(counts(), { checked: 4, found: 1, failed: 2 })
  assert.match(logs[0] ?? '', /lines of HASH:count/)
  assert.match(logs[1] ?? '', /ENOENT/)
})

test('a search in a large file reads little of it', async (t) => {
  const path = join(scratchDirectory(t), 'hashes.txt')
  writeFileSync(path, `${hashOf(BREACHED)}:3\n`)
  // Zeros that no disk holds: whoever reads them all takes seconds and finds no line.
  truncateSync(path, 40 * 2 ** 30)
  const { has, logs } = open({ kind: 'file', path })

  assert.equal(await has(BREACHED), false)

  assert.match(logs[0] ?? '', /lines of HASH:count/)
  assert.notEqual(issueOfHashFile(path), undefined)
})

for (const [title, content] of [
  ['no line', ''],
  ['other lines', 'password1:3\npassword2:4\n'],
  [
    'hashes without counts',
    linesOf(many)
      .map((line) => line.slice(0, 40))
      .join('\n'),
  ],
  ['lower-case hashes', linesOf(many).join('\n').toLowerCase()],
  [
    'hashes of another length',
    linesOf(many)
      .map((line) => line.slice(8))
      .join('\n'),
  ],
  ['a mark at its start', `\uFEFF${linesOf(many).join('\n')}`],
  ['lines in another order', linesOf(many).reverse().join('\n')],
  [
    'lines by their counts',
    many.map((password, at) => `${hashOf(password)}:${9999 - at}`).join('\n'),
  ],
  ['two lines in another order', linesOf(many.slice(0, 2)).reverse().join('\n')],
  ['an end of another kind', `${linesOf(many).join('\n')}\n<html>`],
] as const) {
  test(`a file with ${title} is refused`, (t) => {
    const path = join(scratchDirectory(t), 'hashes.txt')
    writeFileSync(path, content)

    assert.match(issueOfHashFile(path) ?? '', /must have lines of HASH:count, SHA-1 in upper-case/)
  })
}
