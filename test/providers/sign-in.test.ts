import assert from 'node:assert/strict'
import { test } from 'node:test'
import { call } from '../support/answers.ts'
import { bearer } from '../support/factories.ts'
import { assertProblem } from '../support/problems.ts'
import {
  answerBack,
  begin,
  comeBack,
  returned,
  signInBy,
  withProvider,
} from '../support/providers.ts'

const ADA = {
  email: 'ada@example.com',
  email_verified: true,
  preferred_username: 'ada',
  name: 'Ada',
}

test('somebody unknown gets an account without a password, and is known next time', async (t) => {
  const { server, provider } = await withProvider(t, { one: ADA })

  const first = await signInBy(server, provider, 'one')
  server.clock.advance(1)
  const second = await signInBy(server, provider, 'one')

  assert.equal(first.statusCode, 201, first.body)
  assert.equal(second.statusCode, 200, second.body)
  const { user, access_token } = first.json()
  assert.deepEqual(
    [user.username, user.email, user.name, user.emailVerified],
    ['ada', ADA.email, 'Ada', true],
  )
  assert.deepEqual(second.json().user, user)
  const list = await call(server, 'GET /identities', undefined, bearer(access_token))
  const [identity] = list.json().items
  assert.deepEqual([identity.provider, identity.email], ['real', ADA.email])
  assertProblem(
    await call(server, 'POST /login', { username: 'ada', password: 'any password' }),
    'invalid_credentials',
  )
})

test('the same callback is refused the second time, and the verifier of another client too', async (t) => {
  const { server, provider } = await withProvider(t, { one: ADA })
  const { url, codeVerifier } = await begin(server)
  const callback = await provider.signIn(url, 'one')

  const back = await comeBack(server, callback)
  const again = await comeBack(server, callback)
  const other = await returned(server, provider, 'one')

  assert.match(String(again.headers.location), /#error=challenge_over$/)
  assert.match(String(back.headers.location), /#challenge=/)
  assertProblem(await answerBack(server, { ...other, codeVerifier }), 'invalid_credentials', {
    members: { attemptsLeft: 4 },
    detail: 'The proof is wrong.',
  })
})
