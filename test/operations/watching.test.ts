// What operators watch: the metrics of features, and that dashboard, alerts and docs name only
// metrics, labels and values that the server has.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { parse } from 'yaml'
import { sql } from '../../src/platform/database/sql.ts'
import { tally } from '../../src/platform/paging/tally.ts'
import { PASSWORD, refresh, signedUp } from '../support/factories.ts'
import { startServer, type TestServer } from '../support/helper.ts'
import { attempt, OFF, shutOut, WRONG } from '../support/lockout.ts'
import { operator } from '../support/operator.ts'

const ON = { METRICS: 'on', REFRESH_UNSEEN: 'off' }
const METRIC = /\b(?:latchkey|http|nodejs|process)_[a-z0-9_]+/g
const SELECTOR = /\b((?:latchkey|http|nodejs|process)_[a-z0-9_]+)(?:\{([^}]*)\})?/g

/** Of Prometheus itself; and of answers, whose status depends on what was asked. */
const OF_OTHERS = /^(?:job|status)=/

type Panel = { title: string; targets: { expr: string; legendFormat: string }[] }
type Rule = { alert: string; expr: string }

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
const panels: Panel[] = JSON.parse(read('deploy/grafana-dashboard.json')).panels
const rules: Rule[] = parse(read('deploy/prometheus-rules.yml')).groups[0].rules
const expressions = [
  ...panels.flatMap(({ title, targets }) =>
    targets.map(({ expr, legendFormat }) => ({ whose: title, expr, legend: legendFormat })),
  ),
  ...rules.map(({ alert, expr }) => ({ whose: alert, expr, legend: '' })),
]

/** The lines of `/metrics`: names, and the values of each label. */
async function scrape({ metrics }: TestServer) {
  const text = (await metrics?.text()) ?? ''
  const lines = [...text.matchAll(/^([a-z_0-9]+)(?:\{(.*)\})? (\S+)$/gm)]
  const labels = new Map<string, Set<string>>()
  for (const [, name = '', pairs = ''] of lines) {
    const known = labels.get(name) ?? new Set()
    for (const [pair, label = ''] of pairs.matchAll(/(\w+)="[^"]*"/g)) known.add(pair).add(label)
    labels.set(name, known)
  }
  const figure = (line: string) =>
    Number(lines.find(([whole]) => whole.startsWith(`${line} `))?.[3] ?? Number.NaN)
  return { labels, figure }
}

type Expression = (typeof expressions)[number]

/** What a dashboard or an alert names, and the server does not have. */
function unknownIn({ whose, expr, legend }: Expression, labels: Map<string, Set<string>>) {
  const all = new Set([...labels.values()].flatMap((known) => [...known]))
  const named = [...expr.matchAll(SELECTOR)].flatMap(([, name = '', selector = '']) => {
    const known = labels.get(name) ?? new Set()
    const pairs = [...selector.matchAll(/\w+="[^"]*"/g)].map(([pair]) => pair)
    const wrong = pairs.filter((pair) => !known.has(pair) && !OF_OTHERS.test(pair))
    return [...(labels.has(name) ? [] : [name]), ...wrong.map((pair) => `${name}{${pair}}`)]
  })
  const grouped = [...expr.matchAll(/by \(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(', '))
  const shown = [...legend.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label)
  const wrong = [...grouped, ...shown].filter((label) => label !== 'instance' && !all.has(label))
  return [...named, ...wrong].map((name) => `${whose}: ${name}`)
}

test('dashboard, alerts and docs name metrics, labels and values that the server has', async (t) => {
  const server = await startServer(t, { env: ON })
  await signedUp(server)
  const { labels } = await scrape(server)

  const unknown = expressions.flatMap((expression) => unknownIn(expression, labels))
  const inDocs = read('docs/operating.md').match(METRIC) ?? []
  const starts = inDocs.filter((name) => ![...labels.keys()].some((one) => one.startsWith(name)))

  assert.deepEqual([unknown, starts], [[], []])
  assert.ok(expressions.length > 30)
})

test('the dashboard shows every metric of the product', async (t) => {
  const { labels } = await scrape(await startServer(t, { env: ON }))
  const shown = new Set(
    panels.flatMap(({ targets }) => targets.flatMap(({ expr }) => expr.match(METRIC) ?? [])),
  )

  const ours = [...labels.keys()].filter((name) => name.startsWith('latchkey_'))
  // It has no line before the first event.
  const missing = ours.filter((name) => !shown.has(name))

  assert.deepEqual(missing, [])
  assert.ok(ours.length >= 15, String(ours))
})

test('metrics count sign-ins, refreshes and stolen tokens', async (t) => {
  const server = await startServer(t, { env: ON })
  const person = await signedUp(server)
  const succeeded = 'latchkey_sign_ins_total{result="succeeded"}'
  const before = (await scrape(server)).figure(succeeded)

  await attempt(server, person, PASSWORD)
  await attempt(server, person, WRONG)
  await refresh(server, person.refresh_token)
  await refresh(server, person.refresh_token)
  server.clock.advance(31)
  const second = await refresh(server, person.refresh_token)
  for (let time = 0; time < 2; time++) await refresh(server, person.refresh_token)
  const { figure } = await scrape(server)

  const failed = figure('latchkey_sign_ins_total{result="failed"}')
  const refreshes = ['rotated', 'replayed', 'reused', 'refused'].map((result) =>
    figure(`latchkey_refreshes_total{result="${result}"}`),
  )
  assert.equal(second.statusCode, 401)
  assert.deepEqual([figure(succeeded) - before, failed], [1, 1])
  assert.deepEqual(refreshes, [1, 1, 1, 2])
  assert.equal(figure('latchkey_security_events_total{type="refresh_token_reused"}'), 1)
})

test('metrics show live sessions and locked accounts of all servers, and what waits here', async (t) => {
  const server = await startServer(t, { env: { ...ON, ...OFF } })
  const [person, other] = [await signedUp(server), await signedUp(server)]
  await attempt(server, person, PASSWORD)
  await server.services.sessions.endAllOf(other.user.id)
  await shutOut(server, other)
  await shutOut(server, { username: 'nobody-has-this-name' })

  const { figure } = await scrape(server)

  assert.equal(figure('latchkey_live_sessions'), 2)
  assert.equal(figure('latchkey_locked_accounts'), 1)
  assert.equal(figure('latchkey_password_hashes{state="running"}'), 0)
  assert.equal(figure('latchkey_password_hashes{state="waiting"}'), 0)
  assert.equal(figure('latchkey_database_waiting'), 0)
})

test('while hashes run and statements wait, metrics say so', async (t) => {
  const server = await startServer(t, { env: ON })
  const slow = Array.from({ length: 6 }, () => server.services.passwords.hash(PASSWORD))
  const hashing = await scrape(server)
  await Promise.all(slow)

  const states = ['running', 'waiting'].map((state) =>
    hashing.figure(`latchkey_password_hashes{state="${state}"}`),
  )
  assert.equal(
    states.reduce((sum, one) => sum + one, 0),
    6,
  )
  assert.ok((states[0] ?? 0) >= 1)
})

test('a whole table is counted in slices, each row once', async (t) => {
  const server = await startServer(t)
  const people = [await signedUp(server), await signedUp(server), await signedUp(server)]
  const { db, dialect } = server.services
  const isAdmin = sql`role = ${'admin'}`
  await operator(server).changeRole(people[0]?.username ?? '', 'admin')

  for (const size of [1, 2, 3, 4]) {
    const of = { db, dialect, table: 'User', columns: ['role'], sliceSize: size }
    const counted = await tally(of, { all: sql`1 = 1`, admins: isAdmin })
    assert.deepEqual(counted, { all: 3, admins: 1 })
  }
  assert.equal(await server.services.sessions.countAllLive(), 3)
})
