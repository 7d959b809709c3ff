import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Type } from 'typebox'
import type { LatchkeyOptions, OnStepUp, Problem } from '../../client/src/index.ts'
import { createServerSessions } from '../../client/src/server/index.ts'
import { defineFeature } from '../../src/features/feature.ts'
import { stepUpFeature } from '../../src/features/step-up/feature.ts'
import { tokensFeature } from '../../src/features/tokens/feature.ts'
import type { App } from '../../src/http/app.ts'
import { newcomer } from '../support/clients.ts'
import { PASSWORD } from '../support/factories.ts'
import { giveApp, shownCode } from '../support/factors.ts'
import type { TestServer } from '../support/helper.ts'
import { answerLost, clientOf, listeningServer } from '../support/network.ts'

// What the client does when the server asks for a proof before a step.

const ANSWER = 'POST /challenges/answer'
const TRANSPORTS = ['body', 'cookie'] as const

/** A route of an application that needs a recent proof; it tells what it got. */
const vault = defineFeature({
  name: 'vault',
  needs: [tokensFeature, stepUpFeature],
  open: ({ guard, stepUp }) => ({
    routes: (app) =>
      app.register(async (scope: App) => {
        guard.protect(scope)
        const schema = { body: Type.Object({}, { additionalProperties: true }) }
        const preHandler = stepUp.recently
        scope.post('/vault', { preHandler, schema }, async ({ body }) => ({ got: body }))
      }),
  }),
})

type Question = { methods: string[]; problem: Problem }

/** Somebody with an app, whose client answers with what the test says. */
async function scene(t: TestContext, options: Partial<LatchkeyOptions> = {}) {
  const server = await listeningServer(t, { features: [vault] })
  const questions: Question[] = []
  let answer: (asked: Question) => ReturnType<OnStepUp> = () => undefined
  const onStepUp: OnStepUp = ({ methods }, problem) => {
    const asked = { methods, problem }
    questions.push(asked)
    return answer(asked)
  }
  const client = clientOf(server.baseUrl, { onStepUp, ...options })
  const person = newcomer()
  const user = await client.latchkey.register(person)
  const { seed } = await giveApp(server, { user } as never)
  // Each code once.
  const code = () => {
    server.clock.advance(30)
    return shownCode(server, { seed })
  }
  const byApp = () => ({ method: 'totp' as const, code: code() })
  const answerWith = (next: typeof answer) => {
    answer = next
  }
  return { server, ...client, person, questions, answerWith, byApp }
}

type Scene = Awaited<ReturnType<typeof scene>>

function unlock({ latchkey }: Pick<Scene, 'latchkey'>, body: RequestInit['body'] = '{"a":1}') {
  const headers = { 'content-type': 'application/json' }
  return latchkey.fetch('/vault', { method: 'POST', headers, body, duplex: 'half' } as RequestInit)
}

/** The only live session of the user, if there is only one. */
function liveSessions({ database }: TestServer, { latchkey }: Pick<Scene, 'latchkey'>) {
  const userId = latchkey.user?.id ?? ''
  return database.client.session.count({ where: { userId, revokedAt: null } })
}

for (const transport of TRANSPORTS) {
  test(`The client signs in with password and app, also when the answer is lost (${transport})`, async (t) => {
    const place = await scene(t, { transport })
    const { latchkey, network, events, person, questions, answerWith, byApp } = place
    await latchkey.signOut()
    answerWith(byApp)
    network.befall(ANSWER, answerLost)

    const user = await latchkey.signIn({ username: person.username, password: PASSWORD })

    assert.equal(user.username, person.username)
    assert.deepEqual(
      questions.map(({ methods, problem }) => [methods, problem.code]),
      [[['totp'], 'second_factor_required']],
    )
    const { username } = person
    assert.deepEqual(events, [
      ...[`signedIn ${username}`, 'signedOut by itself', `signedIn ${username}`],
    ])
    assert.equal(await liveSessions(place.server, place), 1)
    assert.equal((await latchkey.api.GET('/me')).response.status, 200)
  })

  test(`A call that needs a proof gets it and is repeated, and the session continues (${transport})`, async (t) => {
    const place = await scene(t, { transport })
    const { latchkey, events, person, questions, answerWith, byApp, network } = place
    answerWith(byApp)

    const response = await unlock(place)

    assert.deepEqual([response.status, await response.json()], [200, { got: { a: 1 } }])
    assert.deepEqual([questions.length, questions[0]?.problem.code], [1, 'step_up_required'])
    assert.deepEqual(events, [`signedIn ${person.username}`, `refreshed ${person.username}`])
    const [sent] = network.sent(ANSWER)
    assert.ok(sent?.key && sent.token?.startsWith('Bearer '))
    assert.equal((await unlock(place)).status, 200)
    assert.equal(questions.length, 1)
    await latchkey.restore()
    assert.equal(latchkey.user?.username, person.username)
  })

  test(`A lost answer to a proof signs nobody out, and nobody is asked again (${transport})`, async (t) => {
    const place = await scene(t, { transport })
    const { latchkey, network, person, questions, answerWith, byApp, events } = place
    answerWith(byApp)
    // As often as the client tries.
    network.befall(ANSWER, answerLost, answerLost, answerLost, answerLost)
    await assert.rejects(unlock(place), TypeError)

    const response = await unlock(place)

    assert.equal(response.status, 200)
    assert.equal(questions.length, 1)
    // The older tokens are dead, so the answer is asked for again.
    assert.equal(network.sent('POST /refresh').length, 1)
    assert.deepEqual(events, [`signedIn ${person.username}`, `refreshed ${person.username}`])
    assert.equal(latchkey.user?.username, person.username)
  })

  test(`A lost answer to a proof comes again at once (${transport})`, async (t) => {
    const place = await scene(t, { transport })
    place.answerWith(place.byApp)
    place.network.befall(ANSWER, answerLost)

    assert.equal((await unlock(place)).status, 200)

    const keys = new Set(place.network.sent(ANSWER).map(({ key }) => key))
    assert.deepEqual([keys.size, place.network.sent(ANSWER).length], [1, 2])
  })
}

test('Calls that need a proof at once share one question', async (t) => {
  const place = await scene(t)
  place.answerWith(async () => {
    await sleep(100)
    return place.byApp()
  })

  const responses = await Promise.all(Array.from({ length: 5 }, () => unlock(place)))

  assert.deepEqual(
    responses.map(({ status }) => status),
    [200, 200, 200, 200, 200],
  )
  assert.equal(place.questions.length, 1)
})

test('A call that was refused before the proof of another is repeated with the new token', async (t) => {
  const place = await scene(t)
  place.answerWith(place.byApp)
  let letGo = () => {}
  const late = new Promise<void>((resolve) => {
    letGo = resolve
  })
  place.network.befall('POST /vault', async (_request, deliver) => {
    const answer = await deliver()
    await late
    return answer
  })
  const first = unlock(place)

  assert.equal((await unlock(place)).status, 200)
  letGo()

  assert.equal((await first).status, 200)
  assert.equal(place.questions.length, 1)
})

test('A user who gives no proof gets the error of the call, and stays signed in', async (t) => {
  const place = await scene(t)
  const { latchkey, questions, person, events } = place
  place.answerWith(async () => void (await sleep(100)))

  const [one, other] = await Promise.all([unlock(place), unlock(place)])
  const change = latchkey.changePassword({
    ...{ currentPassword: PASSWORD, newPassword: 'a quite different sentence' },
  })
  await assert.rejects(change, { code: 'step_up_required' })

  assert.deepEqual([one.status, other.status], [401, 401])
  assert.equal(((await one.json()) as Problem).code, 'step_up_required')
  assert.equal(questions.length, 2)
  assert.deepEqual(events, [`signedIn ${person.username}`])
  await latchkey.signOut()
  const signIn = latchkey.signIn({ username: person.username, password: PASSWORD })
  await assert.rejects(signIn, { code: 'second_factor_required' })
  assert.equal(latchkey.user, null)
})

test('Without a function that asks, a call fails with what the server says', async (t) => {
  const place = await scene(t)
  const { latchkey } = clientOf(place.server.baseUrl)
  const { username } = place.person
  const error = await latchkey
    .signIn({ username, password: PASSWORD })
    .catch((reason: unknown) => reason)

  const { code, challenge } = error as { code: string; challenge: { token: string } }
  assert.equal(code, 'second_factor_required')
  const user = await latchkey.answerChallenge({ challenge: challenge.token, ...place.byApp() })
  assert.equal(user.username, username)
  assert.equal((await unlock({ latchkey })).status, 200)
})

test('A wrong code is asked for again, with the number of guesses that are left', async (t) => {
  const place = await scene(t)
  place.answerWith(({ problem }) =>
    problem.attemptsLeft === 3
      ? place.byApp()
      : { method: 'totp', code: problem.attemptsLeft === 4 ? '000001' : '000000' },
  )

  assert.equal((await unlock(place)).status, 200)

  assert.deepEqual(
    place.questions.map(({ problem }) => [problem.code, problem.attemptsLeft]),
    [
      ['step_up_required', undefined],
      ['invalid_credentials', 4],
      ['invalid_credentials', 3],
    ],
  )
})

test('A function that always gives the same wrong code is asked five times', async (t) => {
  const place = await scene(t)
  place.answerWith(() => ({ method: 'totp', code: '000000' }))

  await assert.rejects(unlock(place), { code: 'invalid_credentials' })

  assert.equal(place.questions.length, 5)
  assert.equal(place.latchkey.user?.username, place.person.username)
})

test('When a challenge has ended, the call begins again, three times at most', async (t) => {
  const place = await scene(t)
  place.answerWith(() => {
    // The user took too long.
    if (place.questions.length === 1) place.server.clock.advance(601)
    return place.byApp()
  })
  assert.equal((await unlock(place)).status, 200)
  assert.equal(place.questions.length, 2)

  place.server.clock.advance(601)
  place.answerWith(() => {
    place.server.clock.advance(601)
    return place.byApp()
  })
  const response = await unlock(place)
  assert.deepEqual([response.status, place.questions.length], [401, 5])
})

test('A body is sent again whole, also a stream', async (t) => {
  const place = await scene(t)
  place.answerWith(place.byApp)
  const bytes = new TextEncoder().encode(JSON.stringify({ text: 'x'.repeat(50_000) }))
  const stream = new ReadableStream({
    start(controller) {
      controller.enqueue(bytes.subarray(0, 30_000))
      controller.enqueue(bytes.subarray(30_000))
      controller.close()
    },
  })

  const response = await unlock(place, stream as RequestInit['body'])

  const { got } = (await response.json()) as { got: { text: string } }
  assert.equal(got.text.length, 50_000)
})

test('What one user began is not finished by the next', async (t) => {
  const place = await scene(t)
  const { latchkey } = place
  place.answerWith(async () => {
    await latchkey.register(newcomer())
    return place.byApp()
  })

  const response = await unlock(place)

  assert.equal(response.status, 401)
  assert.equal(place.network.sent('POST /vault').length, 1)
})

test('A change of the password with a second factor survives a lost answer', async (t) => {
  const place = await scene(t)
  const { latchkey, network, person, answerWith, byApp, questions } = place
  answerWith(byApp)
  network.befall('PUT /password', (_request, deliver) => deliver(), answerLost)
  const newPassword = 'a quite different sentence'

  await latchkey.changePassword({ currentPassword: PASSWORD, newPassword })

  assert.deepEqual(
    questions.map(({ problem }) => problem.code),
    ['step_up_required'],
  )
  assert.equal(latchkey.user?.username, person.username)
  assert.equal((await latchkey.api.GET('/me')).response.status, 200)
})

test('A server that renders pages signs in with password and app', async (t) => {
  const place = await scene(t)
  const sessions = createServerSessions({ baseUrl: place.server.baseUrl })
  const visit = sessions.of({ headers: new Headers() })
  const { username } = place.person

  const { problem } = await visit.signIn({ username, password: PASSWORD })
  const challenge = problem?.challenge?.token
  const { user } = await visit.answerChallenge({ challenge, ...place.byApp() })

  assert.deepEqual([problem?.code, user?.username], ['second_factor_required', username])
  assert.equal(visit.state, 'signedIn')
})
