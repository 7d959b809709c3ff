// The security events, as an operator reads, checks and exports them.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PASSWORD, signedUp } from '../support/factories.ts'
import { attempt, WRONG } from '../support/lockout.ts'
import { staffed } from '../support/operator.ts'

type Event = {
  type: string
  userId: string | null
  username: string | null
  actorUsername: string | null
  detail: string | null
}

test('audit list shows events newest first, of one account or type, and continues', async (t) => {
  const { server, run, json } = await staffed(t)
  const [person, other] = [await signedUp(server), await signedUp(server)]
  await attempt(server, person, PASSWORD)
  await attempt(server, other, WRONG)
  await server.services.audit.written()

  const all = await json<{ items: Event[]; nextCursor: string | null }>('audit list')
  const first = await json<{ items: Event[]; nextCursor: string }>('audit list --size 1')
  const second = await json<{ items: Event[] }>(`audit list --size 1 --cursor ${first.nextCursor}`)
  const wrong = await json<{ items: Event[] }>('audit list --type sign_in_failed')
  const ofOne = await json<{ items: Event[] }>(`audit list --user ${person.username}`)
  const text = await run(`audit list --user ${other.email} --type sign_in_failed`)

  assert.deepEqual([...first.items, ...second.items], all.items.slice(0, 2))
  assert.equal(all.nextCursor, null)
  assert.deepEqual(
    wrong.items.map(({ userId, detail }) => [userId, detail]),
    [[other.user.id, 'wrong_password']],
  )
  assert.ok(ofOne.items.length > 1)
  assert.ok(ofOne.items.every(({ userId }) => userId === person.user.id))
  assert.match(
    text.out,
    /^\S+Z {2}sign_in_failed {2}\S+ {2}by: - {2}127\.0\.0\.1 {2}wrong_password\n$/,
  )
  for (const line of ['audit list --size 0', 'audit list --type X', 'audit list --typ x']) {
    assert.equal((await run(line)).code, 2, line)
  }
  assert.equal((await run('audit list --user nobody-at-all')).code, 1)
  const foreign = await run('audit list --cursor x')
  assert.equal(foreign.code, 1)
  assert.match(foreign.err, /\n--cursor: The cursor does not belong to this list: /)
})

test('audit list names the account of an event, and who acted', async (t) => {
  const { server, run, json } = await staffed(t)
  const person = await signedUp(server)
  await server.services.audit.written()
  await run(`user role ${person.username} admin`)

  const own = await run('audit list --type registered')
  const operators = await run('audit list --type role_changed')
  const { items } = await json<{ items: Event[] }>('audit list --type registered')

  const [name, address] = [person.username, '127\\.0\\.0\\.1']
  assert.match(own.out, new RegExp(` {2}registered {2}${name} {2}by: ${name} {2}${address}\n$`))
  assert.match(operators.out, new RegExp(` {2}role_changed {2}${name} {2}by: - {2}- {2}admin\n$`))
  assert.deepEqual(
    items.map(({ username, actorUsername }) => [username, actorUsername]),
    [[name, name]],
  )
})

test('audit list refuses a type that is none, and names the nearest one', async (t) => {
  const { run } = await staffed(t)

  const { code, err } = await run('audit list --type sing_in_failed')

  assert.equal(code, 2)
  assert.match(err, /^--type: Did you mean sign_in_failed\? The value must be one of: registered, /)
})

test('audit verify finds an event that was changed by hand, and exits with 1', async (t) => {
  const { server, run, json } = await staffed(t)
  const empty = await run('audit verify')
  await signedUp(server)
  await server.services.audit.written()
  const whole = await run('audit verify')
  const [event] = await server.database.client.auditEvent.findMany({ take: 1 })
  await server.database.client.auditEvent.updateMany({
    where: { id: event?.id ?? '' },
    data: { type: 'signed_out' },
  })

  const changed = await run('audit verify')
  const found = await run('audit verify --json')

  assert.deepEqual([empty.code, empty.out], [0, 'There are no events to check.\n'])
  assert.equal(whole.code, 0)
  assert.match(whole.out, /^All 2 events of 1 day are as they were written\.\nThe newest/)
  assert.equal(changed.code, 1)
  assert.match(changed.out, /^Events were changed, added or deleted:\n.* {2}changed {2}/)
  const { isWhole, problems } = JSON.parse(found.out)
  assert.deepEqual([found.code, isWhole, problems[0].what], [1, false, 'changed'])
  assert.equal((await json<{ items: Event[] }>('audit list')).items.length > 0, true)
})

test('audit export prints every event as a line of JSON, oldest first, without hashes', async (t) => {
  const { server, run } = await staffed(t)
  const person = await signedUp(server)
  for (let time = 0; time < 3; time++) await attempt(server, person, WRONG)
  await signedUp(server)
  await server.services.audit.written()

  const all = await run('audit export')
  const ofOne = await run(`audit export --user ${person.username}`)

  const rows = await server.database.client.auditEvent.findMany({ orderBy: { id: 'asc' } })
  const lines = all.out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  assert.deepEqual(
    lines.map(({ id }) => id),
    rows.map(({ id }) => id),
  )
  assert.ok(!all.out.includes('"hash"'))
  assert.equal(
    ofOne.out.trimEnd().split('\n').length,
    rows.filter(({ userId }) => userId === person.user.id).length,
  )
})
