// Programs that check mails open every link in them, in several ways: nothing may change by that.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { call } from '../support/answers.ts'
import { linkTo, verifiedPerson } from '../support/email.ts'
import { bearer, PASSWORD, signedUp } from '../support/factories.ts'
import { startServer } from '../support/helper.ts'
import { digestOf } from '../support/operations.ts'
import { outboxEmpty } from '../support/outbox.ts'
import { answerReset } from '../support/resets.ts'

test('GET and HEAD of each mailed link change nothing in the database, also with the fragment as a query', async (t) => {
  const server = await startServer(t)
  const newcomer = await signedUp(server)
  const owner = await verifiedPerson(server)
  const wish = { purpose: 'reset_password', login: owner.username }
  await call(server, 'POST /challenges', wish)
  const change = { email: `moved-${owner.email}`, currentPassword: PASSWORD }
  await call(server, 'PATCH /me', change, bearer(owner.access_token))
  const links = [
    await linkTo(server, newcomer.email),
    await linkTo(server, owner.email, 'reset_password'),
    await linkTo(server, change.email),
    await linkTo(server, owner.email, 'undo_email'),
  ]
  await outboxEmpty(server)
  const before = await digestOf(server)

  const statuses: number[] = []
  for (const { purpose, challenge, code } of links) {
    const fields = new URLSearchParams({ purpose, challenge, code })
    for (const address of ['/mail', `/mail?${fields}`, `/challenges/answer?${fields}`]) {
      for (const method of ['GET', 'HEAD'] as const) {
        statuses.push((await server.inject({ method, url: address })).statusCode)
      }
    }
  }

  assert.equal(await digestOf(server), before)
  assert.deepEqual(
    statuses,
    links.flatMap(() => [200, 200, 200, 200, 405, 405]),
  )
  const [, reset] = links
  const { statusCode } = await answerReset(server, reset?.challenge ?? '', reset?.code ?? '')
  assert.equal(statusCode, 200)
})
