// What the client does where a provider alone is not enough, and how it adds and removes providers.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Challenge } from '../../client/src/index.ts'
import { finishSignIn, identities, linkUrl, unlink } from '../../client/src/providers.ts'
import { bearer, PASSWORD, signedIn, signedUp } from '../support/factories.ts'
import { giveApp, shownCode } from '../support/factors.ts'
import { answerLost, clientOf } from '../support/network.ts'
import { ADA, clientScene, codeOf } from '../support/provider-clients.ts'
import { RETURN_TO } from '../support/providers.ts'
import { verifiedUser } from '../support/sign-in-codes.ts'

const NO_MAIL = { EMAIL_VERIFICATION: 'off' }
const UNVERIFIED = { ...ADA, email_verified: false }

type Scene = Awaited<ReturnType<typeof clientScene>>

/** Somebody with an app and a verified address, whom the provider knows as `one`. */
async function ownerWithApp({ server }: Pick<Scene, 'server'>) {
  const person = await signedUp(server, { username: 'ada', email: ADA.email })
  await server.database.client.user.update({
    where: { id: person.user.id },
    data: { emailVerified: true },
  })
  return giveApp(server, person)
}

/** The refusal itself. */
async function refusalOf(work: Promise<unknown>) {
  const error = await work.then(
    () => undefined,
    (reason: { code: string; challenge: Challenge }) => reason,
  )
  assert.ok(error?.challenge, String(error))
  return { code: error.code, challenge: error.challenge }
}

test('A second factor is answered behind the provider, with a challenge of its own', async (t) => {
  const scene = await clientScene(t, { one: ADA }, { env: NO_MAIL })
  const { client, server, kept } = scene
  const app = await ownerWithApp(scene)

  const { code, challenge } = await refusalOf(
    finishSignIn(client.latchkey, await scene.back('one')),
  )
  const left = kept.items()
  const user = await client.latchkey.answerChallenge({
    challenge: challenge.token,
    method: 'totp',
    code: shownCode(server, app),
  })

  assert.equal(code, 'second_factor_required')
  assert.deepEqual([user.username, left], ['ada', []])
  assert.equal(await finishSignIn(client.latchkey, { storage: kept.storage }), undefined)
})

test('With onStepUp the second factor and the code of a mail are parts of one call', async (t) => {
  const asked: string[] = []
  const people = { one: ADA, two: { ...UNVERIFIED, email: 'bob@example.com' } }
  const scene: Scene = await clientScene(t, people, {
    onStepUp: ({ purpose, token }) => {
      asked.push(purpose)
      if (purpose === 'sign_in') return { method: 'totp', code: shownCode(scene.server, app) }
      const code = scene.server.services.challenges.codeOf(token) ?? ''
      return { method: 'mail_code', code }
    },
  })
  const app = await ownerWithApp(scene)
  const { latchkey } = scene.client

  const ada = await finishSignIn(latchkey, await scene.back('one'))
  await latchkey.signOut()
  const bob = await finishSignIn(latchkey, { ...(await scene.back('two')), username: 'bob' })

  assert.deepEqual([ada?.user?.username, bob?.user?.username], ['ada', 'bob'])
  assert.deepEqual([ada?.user?.id, bob?.user?.emailVerified], [app.user.id, true])
  assert.deepEqual(asked, ['sign_in', 'verify_email'])
  assert.deepEqual(scene.kept.items(), [])
})

test('An unverified address is verified, and then the same answer is sent again', async (t) => {
  const { client, server, back, kept } = await clientScene(t, { one: UNVERIFIED })
  const { latchkey, network } = client
  const came = await back('one')

  const { code, challenge } = await refusalOf(finishSignIn(latchkey, came))
  await latchkey.verifyEmail({
    challenge: challenge.token,
    code: server.services.challenges.codeOf(challenge.token) ?? '',
  })
  network.befall('POST /challenges/answer', answerLost)
  const finished = await finishSignIn(latchkey, { storage: kept.storage })

  assert.deepEqual([code, challenge.purpose], ['step_up_required', 'verify_email'])
  assert.deepEqual([finished?.user?.email, finished?.user?.emailVerified], [ADA.email, true])
  assert.deepEqual(kept.items(), [])
})

test('A taken username is asked for again, and another one makes the account', async (t) => {
  const { client, server, back, kept } = await clientScene(t, { one: ADA })
  await signedUp(server, { username: 'taken' })
  const came = await back('one')

  const taken = await codeOf(finishSignIn(client.latchkey, { ...came, username: 'taken' }))
  const { storage } = kept
  const wrong = await codeOf(finishSignIn(client.latchkey, { storage, username: 'a b' }))
  const finished = await finishSignIn(client.latchkey, { storage, username: 'lovelace' })

  assert.deepEqual([taken, wrong], ['username_taken', 'validation_failed'])
  assert.equal(finished?.user?.username, 'lovelace')
  assert.deepEqual(kept.items(), [])
})

for (const [code, person, env] of [
  ['registration_closed', ADA, { REGISTRATION: 'closed' }],
  // Nobody can mail a code to nowhere.
  ['email_unverified', { preferred_username: 'ada' }, {}],
] as const) {
  test(`${code} has its code, and the secret is gone`, async (t) => {
    const { client, server, back, kept } = await clientScene(t, { one: person }, { env })

    const said = await codeOf(finishSignIn(client.latchkey, await back('one')))

    assert.equal(said, code)
    assert.deepEqual([kept.items(), client.latchkey.user], [[], null])
    assert.equal(await server.database.client.user.count(), 0)
  })
}

for (const transport of ['body', 'cookie'] as const) {
  test(`A provider is linked, signs in, and is unlinked (${transport})`, async (t) => {
    const scene = await clientScene(t, { one: ADA }, { transport, env: NO_MAIL })
    const { client, server, back } = scene
    const { latchkey, network } = client
    const { username, user } = await verifiedUser(server)
    await latchkey.signIn({ username, password: PASSWORD })
    const came = await back('one', scene.kept.storage, linkUrl)
    network.befall('POST /challenges/answer', answerLost)

    const linked = await finishSignIn(latchkey, came)
    const list = await identities(latchkey)
    await latchkey.signOut()
    const byProvider = await finishSignIn(latchkey, await back('one'))
    await unlink(latchkey, list[0]?.id ?? '')

    assert.deepEqual([linked?.user?.id, linked?.identity], [user.id, list[0]])
    assert.deepEqual([list.length, list[0]?.email], [1, ADA.email])
    assert.equal(byProvider?.user?.id, user.id)
    assert.deepEqual(await identities(latchkey), [])
    assert.deepEqual(scene.kept.items(), [])
  })
}

test('The only way in stays, and an identity of another account is not added', async (t) => {
  const { client, server, back, kept } = await clientScene(t, { one: ADA }, { env: NO_MAIL })
  const { latchkey } = client
  await finishSignIn(latchkey, await back('one'))
  const [own] = await identities(latchkey)
  const last = await codeOf(unlink(latchkey, own?.id ?? ''))
  const other = await verifiedUser(server)
  await latchkey.signIn({ username: other.username, password: PASSWORD })

  const taken = await codeOf(finishSignIn(latchkey, await back('one', kept.storage, linkUrl)))

  assert.deepEqual([last, taken], ['last_credential', 'identity_taken'])
  assert.deepEqual(await identities(latchkey), [])
  assert.deepEqual(kept.items(), [])
})

test('Only the session that began to link a provider gets it', async (t) => {
  const { client, server, back } = await clientScene(t, { one: ADA }, { env: NO_MAIL })
  const { username, ...person } = await verifiedUser(server)
  await client.latchkey.signIn({ username, password: PASSWORD })
  const came = await back('one', undefined, linkUrl)
  const other = clientOf(client.latchkey.baseUrl)
  await other.latchkey.signIn({ username, password: PASSWORD })

  const refused = await codeOf(finishSignIn(other.latchkey, came))

  assert.equal(refused, 'challenge_over')
  const headers = bearer((await signedIn(server, { ...person, username })).access_token)
  const answer = await server.inject({ url: '/identities', headers })
  assert.deepEqual(answer.json(), { items: [] })
})

test('To link a provider without a session is refused before the browser leaves', async (t) => {
  const { client, kept } = await clientScene(t, { one: ADA })
  const beginning = { returnTo: RETURN_TO, storage: kept.storage }

  const said = await codeOf(linkUrl(client.latchkey, 'real', beginning))

  assert.equal(said, 'unauthenticated')
  assert.deepEqual(kept.items(), [])
})
