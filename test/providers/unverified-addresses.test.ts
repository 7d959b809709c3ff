// A provider that does not say that it has verified an address: nobody is looked for by it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { call } from '../support/answers.ts'
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
