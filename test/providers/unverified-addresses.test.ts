// A provider that does not say that it has verified an address: nobody is looked for by it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { call } from '../support/answers.ts'
import { bearer, signedUp } from '../support/factories.ts'
import { assertProblem } from '../support/problems.ts'
import { answerBack, returned, withProvider } from '../support/providers.ts'
import { codeIn, mailsTo } from '../support/resets.ts'

test('its mail has a code to type and no link, so the click of the owner signs nobody else in', async (t) => {
  const { server, provider } = await withProvider(t, {
    thief: { email: 'owner@example.com', email_verified: false },
  })
  const back = await returned(server, provider, 'thief')

  const asked = await answerBack(server, back)

  const { challenge } = asked.json()
  assertProblem(asked, 'step_up_required', {
    ...{ detail: 'Verify your e-mail address first: a code is on its way to it.' },
    members: { challenge },
  })
  assert.deepEqual([challenge.purpose, challenge.methods], ['verify_email', ['mail_code']])
  const [mail] = await mailsTo(server, 'owner@example.com')
  assert.ok(mail)
  assert.doesNotMatch(mail.text, /https?:/)
  assert.doesNotMatch(mail.html, /href/)
  const typed = { challenge: challenge.token, method: 'mail_code', code: codeIn(mail) }
  assert.equal((await call(server, 'POST /challenges/answer', typed)).statusCode, 200)
  assert.equal((await answerBack(server, back)).statusCode, 201)
})

test('who has the address of a user at a provider does not use up the codes of that user', async (t) => {
  const email = 'user@example.com'
  const people = { stranger: { email, email_verified: false } }
  const { server, provider } = await withProvider(t, people, { env: { RATE_LIMITS: 'on' } })
  const { access_token: token } = await signedUp(server, { email })

  const codes: string[] = []
  for (let turn = 0; turn < 4; turn++) {
    const asked = await answerBack(server, await returned(server, provider, 'stranger'))
    codes.push(asked.json().code)
  }
  const own = await call(server, 'POST /challenges', { purpose: 'verify_email' }, bearer(token))

  assert.deepEqual(codes, [...Array(3).fill('step_up_required'), 'rate_limited'])
  assert.equal(own.statusCode, 201, own.body)
})
