// runs once
// Follows docs/languages.md alone: adds Traditional Chinese to a copy of the sources, builds it,
// and asks its server. The translation is in ../fixtures/languages.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { type TestContext, test } from 'node:test'
import { scratchDirectory } from '../support/databases.ts'
import { uniqueName } from '../support/helper.ts'
import { ROOT, type ServerProcess, startProcess } from '../support/process.ts'
import { until } from '../support/until.ts'
import {
  assertPrinted,
  pageAt,
  runSteps,
  type Step,
  skipWithout,
  stepsOf,
  walk,
} from '../support/walkthrough.ts'

const PAGE = 'docs/languages.md'
const ADDED = 'zh-TW'
const TRANSLATED = join(ROOT, 'test/fixtures/languages', ADDED)
/** What a build reads. */
const SOURCES = ['admin', 'client', 'prisma', 'scripts', 'src', 'package.json', 'tsconfig.json']
const BUILD_MS = 180_000
const skip = skipWithout(['bash', 'curl'], PAGE)

test('The request of the page gets the answer that it shows', { skip }, async (t) => {
  await walk(t, PAGE, { heading: 'For those who call the API' })
})

test('The page adds a language to answers, mails and pages, and a missing text does not compile', {
  skip,
}, async (t) => {
  const copy = copyOfSources(t)
  const steps = stepsOf(pageAt(PAGE), {
    heading: 'Add a language',
    languages: ['sh', 'diff', 'text', 'ini'],
  })
  assert.deepEqual(
    steps.map(({ language }) => language),
    ['sh', 'diff', 'diff', 'sh', 'text', 'ini'],
  )
  const [copying, first, second, building, refusal, setting] = steps as [
    Step,
    ...[Step, Step, Step, Step, Step],
  ]
  const languages = join(copy, 'src/languages', ADDED)

  await runSteps([copying], copy)
  assert.deepEqual(readdirSync(TRANSLATED), readdirSync(languages))
  cpSync(TRANSLATED, languages, { recursive: true })
  for (const { code } of [first, second]) edit(copy, code)
  // Takes its time where other tests run beside it.
  const build = () =>
    spawnSync('bash', ['-euc', building.code], { cwd: copy, encoding: 'utf8', timeout: BUILD_MS })
  const built = build()
  assert.equal(built.status, 0, built.stdout + built.stderr)

  const [, LANGUAGES = ''] = setting.code.trim().split('=')
  const url = `file:${join(copy, 'latchkey.db')}`
  const program = [relative(ROOT, join(copy, 'dist/main.js'))]
  const server = await startProcess(t, { url, program, env: { LANGUAGES } })
  await assertAnswers(server)
  await assertMail(server)
  await assertPages(server)

  const messages = join(languages, 'messages.ts')
  const complete = readFileSync(messages, 'utf8')
  writeFileSync(messages, complete.replace(/^ {2}signedOut: .*\n/m, ''))
  const refused = build()
  assert.equal(refused.status, 1)
  const [line = ''] = /^src.*error.*$/m.exec(refused.stdout) ?? [refused.stdout]
  assertPrinted([{ ...building, printed: refusal.code }], [line], PAGE)
})

function copyOfSources(t: TestContext): string {
  const copy = scratchDirectory(t)
  const filter = (path: string) => !/\/(node_modules|dist)$/.test(path)
  for (const name of SOURCES)
    cpSync(join(ROOT, name), join(copy, name), { recursive: true, filter })
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'), 'junction')
  return copy
}

/** Applies a diff of whole lines: what it takes away or leaves stands in the file, once. */
function edit(folder: string, diff: string): void {
  const [, path = ''] = /^--- (.*)$/m.exec(diff) ?? []
  const hunks = diff.split(/^@@\n/m).slice(1)
  let text = readFileSync(join(folder, path), 'utf8')
  for (const hunk of hunks) {
    const lines = hunk.trimEnd().split('\n')
    const side = (other: string) =>
      lines.flatMap((line) => (line.startsWith(other) ? [] : `${line.slice(1)}\n`)).join('')
    assert.equal(text.split(side('+')).length, 2, `${path} has once:\n${side('+')}`)
    text = text.replace(side('+'), () => side('-'))
  }
  writeFileSync(join(folder, path), text)
}

async function ask({ base }: ServerProcess, path: string, init: RequestInit = {}) {
  const headers = { 'accept-language': ADDED, 'content-type': 'application/json', ...init.headers }
  const answer = await fetch(base + path, { ...init, headers })
  assert.equal(answer.headers.get('content-language'), ADDED, path)
  assert.match(answer.headers.get('vary') ?? '', /\bAccept-Language\b/, path)
  return answer.text()
}

const post = (server: ServerProcess, path: string, body: object) =>
  ask(server, path, { method: 'POST', body: JSON.stringify(body) }).then((text) => JSON.parse(text))

async function assertAnswers(server: ServerProcess): Promise<void> {
  const login = { username: 'nobody-here', password: 'a wrong guess' }
  const refused = await post(server, '/login', login)
  const invalid = await post(server, '/login', { ...login, nickname: 'x' })

  assert.equal(refused.code, 'invalid_credentials')
  assert.equal(refused.detail, '使用者名稱或密碼錯誤。')
  assert.equal(invalid.errors[0].detail, '未知欄位。')
}

async function assertMail(server: ServerProcess): Promise<void> {
  const username = uniqueName()
  const email = `${username}@example.com`
  const { message } = await post(server, '/register', {
    username,
    email,
    password: 'three wild geese',
  })
  assert.equal(message, `歡迎，${username}！`)

  const sent = async () => {
    const answer = await fetch(`${server.base}/outbox?to=${email}`)
    return ((await answer.json()) as { items: { subject: string; html: string }[] }).items[0]
  }
  await until(async () => (await sent()) !== undefined)
  const mail = await sent()
  assert.match(mail?.subject ?? '', /電子郵件地址/)
  assert.match(mail?.html ?? '', /<html lang="zh-TW">/)
}

async function assertPages(server: ServerProcess): Promise<void> {
  const headers = { accept: 'text/html' }
  const pages = { '/admin': '登入 Latchkey', '/mail': '您的帳號', '/problems': '錯誤列表' }

  for (const [path, text] of Object.entries(pages)) {
    const page = await ask(server, path, { headers })
    assert.match(page, /<html lang="zh-TW">/, path)
    assert.ok(page.includes(text), path)
  }
}
