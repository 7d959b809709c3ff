import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LatchkeyError } from '../../client/src/index.ts'
import { createServerSessions } from '../../client/src/server/index.ts'
import { newcomer } from '../support/clients.ts'
import { PASSWORD } from '../support/factories.ts'
import { answerLost, clientOf, listeningServer } from '../support/network.ts'
import { codeIn, mailsTo } from '../support/resets.ts'
import { BY_MAIL, REQUIRED, verifiedUser } from '../support/sign-in-codes.ts'

// How the client signs in with codes that the server mails.

/** The challenge of a refusal, and what the refusal is. */
async function refusalOf(work: Promise<unknown>) {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  assert.ok(error instanceof LatchkeyError, `${JSON.stringify(error)} ${error}`)
  const { code, challenge } = error
  assert.ok(challenge)
  return { code, challenge, action: error.problem.action }
}

test('The client registers and signs in with a code, also when the answer is lost', async (t) => {
  const server = await listeningServer(t, { env: REQUIRED })
  const { latchkey, network, events } = clientOf(server.baseUrl)
  const person = newcomer()
  const begun = await refusalOf(latchkey.register(person))
  assert.deepEqual([begun.code, begun.action], ['verification_required', 'step_up'])
  assert.equal(latchkey.user, null)
  const again = await refusalOf(latchkey.signIn({ username: person.username, password: PASSWORD }))
  assert.equal(again.code, 'verification_required')
  assert.equal((await mailsTo(server, person.email, 2)).length, 2)
  network.befall('POST /challenges/answer', answerLost)

  const user = await latchkey.answerChallenge({
    challenge: begun.challenge.token,
    code: server.services.challenges.codeOf(begun.challenge.token) ?? '',
  })

  assert.deepEqual([user.username, user.emailVerified], [person.username, true])
  assert.deepEqual(events, [`signedIn ${person.username}`])
  assert.equal(await server.database.client.session.count(), 1)
  assert.equal((await latchkey.api.GET('/me')).response.status, 200)
})

for (const transport of ['body', 'cookie'] as const) {
  test(`The client signs in with a mailed code alone, and ends the session before (${transport})`, async (t) => {
    const server = await listeningServer(t, { env: BY_MAIL })
    const person = await verifiedUser(server)
    const { latchkey, network } = clientOf(server.baseUrl, { transport })
    await latchkey.signIn({ username: person.username, password: PASSWORD })

    const { token: challenge } = await latchkey.requestSignInCode(person.email)
    const mails = await mailsTo(server, person.email, 2)
    const mail = mails.find(({ subject }) => subject.startsWith('Your code'))
    assert.ok(mail)
    await assert.rejects(latchkey.answerChallenge({ challenge, code: '00000000' }), {
      code: 'invalid_credentials',
    })
    network.befall('POST /challenges/answer', answerLost)
    await latchkey.answerChallenge({ challenge, code: codeIn(mail) })

    assert.equal(latchkey.user?.username, person.username)
    const live = { userId: person.user.id, revokedAt: null }
    // That of the registration, and the new one.
    assert.equal(await server.database.client.session.count({ where: live }), 2)
  })
}

test('A server that renders pages sets no cookies before the code, and then those of the session', async (t) => {
  const server = await listeningServer(t, { env: REQUIRED })
  const sessions = createServerSessions({ baseUrl: server.baseUrl })
  const visit = sessions.of({ headers: new Headers() })
  const person = newcomer()

  const { problem } = await visit.register(person)
  const challenge = problem?.challenge?.token ?? assert.fail('no challenge')
  const before = visit.cookies
  const code = server.services.challenges.codeOf(challenge)
  const opened = await visit.answerChallenge({ challenge, code })

  assert.deepEqual([problem?.code, before], ['verification_required', []])
  assert.equal(opened.user?.username, person.username)
  assert.equal(visit.state, 'signedIn')
  assert.equal((await visit.fetch('/me')).status, 200)
})
