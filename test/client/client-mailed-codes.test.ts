import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NEW_PASSWORD, signedUpClient } from '../support/clients.ts'
import { linkTo } from '../support/email.ts'
import { answerLost, clientOf } from '../support/network.ts'

// What the client does with codes that the server mails.

test('The client resets a lost password, also when the answer is lost', async (t) => {
  const { server, person } = await signedUpClient(t)
  const other = clientOf(server.baseUrl)
  const { token: challenge } = await other.latchkey.requestPasswordReset(person.username)
  await other.latchkey.resend(challenge)
  const { code } = await linkTo(server, person.email, 'reset_password')
  other.network.befall('POST /challenges/answer', answerLost)

  await other.latchkey.resetPassword({ challenge, code, newPassword: NEW_PASSWORD })

  assert.equal(other.latchkey.user, null)
  const user = await other.latchkey.signIn({ username: person.username, password: NEW_PASSWORD })
  assert.equal(user.emailVerified, true)
})

test('The client takes a key, with which a reset whose answers were all lost counts once', async (t) => {
  const { server, person } = await signedUpClient(t)
  const other = clientOf(server.baseUrl)
  const { token: challenge } = await other.latchkey.requestPasswordReset(person.email)
  const { code } = await linkTo(server, person.email, 'reset_password')
  const reset = { challenge, code, newPassword: NEW_PASSWORD }
  other.network.befall('POST /challenges/answer', ...Array(4).fill(answerLost))

  await assert.rejects(other.latchkey.resetPassword(reset, 'reset-1'), TypeError)
  await other.latchkey.resetPassword(reset, 'reset-1')

  await other.latchkey.signIn({ username: person.username, password: NEW_PASSWORD })
  await assert.rejects(other.latchkey.resetPassword(reset, 'reset-2'), { code: 'challenge_over' })
})

test('The client says what is wrong with a password or a code, and the code stays good', async (t) => {
  const { server, person } = await signedUpClient(t)
  const { latchkey } = clientOf(server.baseUrl)
  const { token: challenge } = await latchkey.requestPasswordReset(person.email)
  const { code } = await linkTo(server, person.email, 'reset_password')
  const reset = { challenge, code, newPassword: NEW_PASSWORD }

  await assert.rejects(latchkey.resetPassword({ ...reset, newPassword: 'password1' }), {
    code: 'weak_password',
  })
  await assert.rejects(latchkey.resetPassword({ ...reset, code: '00000000' }), {
    code: 'invalid_credentials',
  })
  await latchkey.resetPassword(reset)
})

test('The client verifies an address, and knows so of its user at once', async (t) => {
  const { server, latchkey, person } = await signedUpClient(t)
  // Apart from the mail of the registration.
  server.clock.advance(1)
  const { token: challenge } = await latchkey.requestVerification()
  const { code } = await linkTo(server, person.email, 'verify_email')
  assert.equal(latchkey.user?.emailVerified, false)

  const email = await latchkey.verifyEmail({ challenge, code })

  assert.equal(email, person.email)
  assert.equal(latchkey.user?.emailVerified, true)
})
