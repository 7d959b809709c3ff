// runs once

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { errorTable } from '../../src/error-table.ts'
import { problemRoutes } from '../../src/features/problems/routes.ts'
import { createServer } from '../../src/http/app.ts'
import { allLanguages, catalogues, english } from '../../src/languages/languages.ts'
import { tell } from '../../src/languages/text.ts'
import { escapeHtml } from '../../src/platform/html.ts'
import { assertProblem } from '../support/problems.ts'

async function server() {
  const languages = ['en', 'zh-CN'] as const
  const app = createServer({ http: { trustProxy: [] }, log: { level: 'silent' }, languages })
  await app.register(problemRoutes, { basePath: '', errors: errorTable })
  return app
}

const entry = ({ title, detail, explanation, ...kind }: (typeof errorTable)[number]) => ({
  ...{ type: `/problems/${kind.code}`, ...kind },
  title: tell(title, english),
  detail: tell(detail, english),
  explanation: tell(explanation, english),
})
const html = { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' }

test('GET /problems lists every error with its code, status and action', async () => {
  const app = await server()

  const answer = await app.inject({ url: '/problems' })

  assert.deepEqual(answer.json(), { items: errorTable.map(entry) })
  assert.equal(answer.headers['content-type'], 'application/json; charset=utf-8')
  assert.equal(answer.headers.vary, 'Origin, Accept-Language, accept')
})

test('GET /problems/:code explains each error as JSON and as a page', async () => {
  const app = await server()

  for (const kind of errorTable) {
    const url = `/problems/${kind.code}`
    const json = await app.inject({ url })
    const page = await app.inject({ url, headers: html })

    assert.deepEqual(json.json(), entry(kind))
    assert.equal(page.statusCode, 200)
    assert.equal(page.headers['content-type'], 'text/html; charset=utf-8')
    assert.ok(page.body.includes(`<h1>${entry(kind).title.replaceAll('&', '&amp;')}</h1>`))
    assert.doesNotMatch(page.body, /<access_token>|<script|javascript:|http:/)
  }
})

test('GET /problems is a page of links for a browser', async () => {
  const app = await server()

  const { body } = await app.inject({ url: '/problems', headers: html })

  const links = [...body.matchAll(/href="\/problems\/([a-z_]+)"/g)].map(([, code]) => code)
  assert.deepEqual(
    links,
    errorTable.map(({ code }) => code),
  )
})

test('the policy of a page allows its own style and nothing else', async () => {
  const app = await server()

  const { body, headers } = await app.inject({ url: '/problems/not_found', headers: html })

  const [, style = ''] = /<style>(.*?)<\/style>/s.exec(body) ?? []
  const hash = createHash('sha256').update(style).digest('base64')
  assert.equal(
    headers['content-security-policy'],
    `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  )
})

test('GET /problems/:code answers an unknown code with 404', async () => {
  const app = await server()

  assertProblem(await app.inject({ url: '/problems/nope' }), 'not_found', {
    detail: 'There is no error with this code.',
  })
  assertProblem(await app.inject({ url: '/problems/toString', headers: html }), 'not_found')
  assertProblem(await app.inject({ url: '/problems/%3Cscript%3E' }), 'not_found')
})

test('GET /problems answers 406 to a client that takes neither JSON nor HTML', async () => {
  const app = await server()

  const answer = await app.inject({ url: '/problems', headers: { accept: 'image/png' } })

  assertProblem(answer, 'not_acceptable', {
    detail: 'This path sends application/json or text/html.',
  })
})

test('the codes of the error table are unique and speak snake_case', () => {
  const codes = errorTable.map(({ code }) => code)

  assert.deepEqual([...new Set(codes)], codes)
  for (const code of codes) assert.match(code, /^[a-z]+(_[a-z]+)*$/)
})

for (const language of allLanguages) {
  test(`GET /problems and its pages are in ${language} for those who read it`, async () => {
    const app = await server()
    const headers = { 'accept-language': language }
    const texts = catalogues[language]
    const { title, action, all } = texts.problemsPage

    const list = await app.inject({ url: '/problems', headers })
    const page = await app.inject({ url: '/problems', headers: { ...headers, ...html } })
    assert.equal(page.headers['content-language'], language)
    assert.equal(page.headers['cache-control'], 'public, max-age=300')
    assert.equal(page.headers.vary, 'Origin, Accept-Language, accept')
    assert.match(page.body, new RegExp(`<html lang="${language}">[^]*<h1>${title}</h1>`))
    for (const item of list.json<{ items: { code: keyof typeof texts.errors }[] }>().items) {
      const url = `/problems/${item.code}`
      const json = await app.inject({ url, headers })
      const { body } = await app.inject({ url, headers: { ...headers, ...html } })

      assert.deepEqual(json.json(), item)
      const { explanation, ...own } = texts.errors[item.code]
      assert.deepEqual({ ...item, ...own, explanation }, item)
      for (const text of [...Object.values(own), action, all])
        assert.ok(body.includes(escapeHtml(text).replaceAll(/`([^`]+)`/g, '<code>$1</code>')), text)
    }
  })
}
