import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  answerWith,
  begun,
  codeOf,
  effectsOn,
  LIFE_SECONDS,
  startTrial,
  wrongCode,
} from '../support/challenges.ts'
import { signedUp } from '../support/factories.ts'
import { freshDatabase, testClock } from '../support/helper.ts'
import { withinTime } from '../support/within-time.ts'

const RUNS = Number(process.env.MODEL_RUNS ?? 12)
const COMMANDS = Number(process.env.MODEL_COMMANDS ?? 60)
const TIME_LIMIT_MS = Number(process.env.MODEL_SECONDS ?? 45) * 1000
const { MODEL_SEED, MODEL_PATH, MODEL_REPLAY } = process.env

// What the server must do, told by the contract alone.

type Guess = { guess: number; key: string | null }
type Crash = 'effect' | 'commit' | null
type Model = {
  now: number
  users: { version: number; isDisabled: boolean; effects: number }[]
  challenges: {
    /** -1 stands for a name that nobody has. */
    user: number
    version: number
    endsAt: number
    guesses: number
    last: number | null
    used: Guess | null
  }[]
}
type Expected = { status: number; code?: string; attemptsLeft?: number }

const RIGHT = 0
const over: Expected = { status: 410, code: 'challenge_over' }

function expectAnswer(model: Model, at: number, given: Guess, crash: Crash): Expected {
  const challenge = item(model.challenges, at)
  const { used } = challenge
  if (model.now >= challenge.endsAt) return over
  if (used) {
    const isSame = given.key !== null && used.key === given.key && used.guess === given.guess
    return isSame ? { status: 200 } : over
  }
  if (challenge.guesses >= 5 && challenge.last !== given.guess) return over
  if (challenge.last !== given.guess) challenge.guesses++
  challenge.last = given.guess
  const user = model.users[challenge.user]
  if (given.guess === RIGHT && user) return expectEffect(challenge, user, given, crash)
  return { status: 401, code: 'invalid_credentials', attemptsLeft: 5 - challenge.guesses }
}

function expectEffect(
  challenge: Model['challenges'][number],
  user: Model['users'][number],
  given: Guess,
  crash: Crash,
): Expected {
  if (user.isDisabled || user.version !== challenge.version) return over
  if (crash === 'effect') return { status: 500, code: 'internal' }
  challenge.used = given
  user.effects++
  return crash === 'commit' ? { status: 500, code: 'internal' } : { status: 200 }
}

type Server = Awaited<ReturnType<typeof startTrial>>
type Real = {
  servers: [Server, Server]
  restart: (index: 0 | 1) => Promise<void>
  people: { id: string; username: string }[]
  tokens: string[]
  /** What each challenge answered first: every replay is the same. */
  bodies: Map<number, string>
}
type Command = fc.AsyncCommand<Model, Real>

function item<T>(items: readonly T[], index: number): T {
  const found = items[index]
  if (found === undefined) throw new Error(`There is no item ${index}`)
  return found
}

/** Mostly one of the last three. */
function pick(length: number, number: number): number {
  return number % 4 === 0 ? number % length : length - 1 - (number % Math.min(length, 3))
}

const command = (name: string, run: Command['run'], check: Command['check'] = () => true) => ({
  ...{ check, run },
  toString: () => name,
})
const some = ({ challenges }: Readonly<Model>) => challenges.length > 0

const begin = (user: number, server: 0 | 1): Command =>
  command(`begin ${user} at ${server}`, async (model, real) => {
    const { token } = await begun(real.servers[server], real.people[user]?.username ?? 'nobody')
    const version = model.users[user]?.version ?? 0
    const endsAt = model.now + LIFE_SECONDS * 1000
    real.tokens.push(token)
    model.challenges.push({ user, version, endsAt, guesses: 0, last: null, used: null })
  })

type Wish = { number: number; guess: number; key: string | null; server: 0 | 1; crash: Crash }

const answer = ({ number, guess, key, server, crash }: Wish): Command =>
  command(
    `answer ${JSON.stringify({ number, guess, key, server, crash })}`,
    async (model, real) => {
      const at = pick(model.challenges.length, number)
      const on = real.servers[server]
      // A wish to crash that no answer reaches must not hit a later one.
      on.trial.failsIn = crash ?? undefined
      const expected = expectAnswer(model, at, { guess, key }, crash)
      const response = await send(model, real, at, { guess, key }, server)
      on.trial.failsIn = undefined
      compare(real, at, response, expected)
    },
    some,
  )

/** Equal requests at the same instant, on both servers. */
const answerAtOnce = ({ number, guess, key }: Omit<Wish, 'server' | 'crash'>): Command =>
  command(
    `answer at once ${JSON.stringify({ number, guess, key })}`,
    async (model, real) => {
      const at = pick(model.challenges.length, number)
      const expected = [0, 1, 2].map(() => expectAnswer(model, at, { guess, key }, null))
      const responses = await Promise.all(
        ([0, 1, 0] as const).map((server) => send(model, real, at, { guess, key }, server)),
      )
      // Without a key any of them may be the one that has an effect.
      responses.sort((one, other) => one.statusCode - other.statusCode)
      for (const [index, response] of responses.entries()) {
        compare(real, at, response, item(expected, index))
      }
    },
    some,
  )

function send(model: Model, real: Real, at: number, { guess, key }: Guess, server: 0 | 1) {
  const on = real.servers[server]
  const token = item(real.tokens, at)
  const isOpen = model.now < item(model.challenges, at).endsAt
  // Nobody can learn the code of an expired challenge; any code is as good.
  const code = isOpen ? (guess === RIGHT ? codeOf(on, token) : wrongCode(on, token, guess)) : '1'
  return answerWith(on, token, code, key ?? undefined)
}

type Response = Awaited<ReturnType<typeof answerWith>>

function compare({ bodies }: Real, at: number, response: Response, expected: Expected): void {
  const { code, attemptsLeft } = response.json<{ code?: string; attemptsLeft?: number }>()
  const { statusCode: status } = response
  assert.deepEqual(
    { status, code, attemptsLeft },
    { code: undefined, attemptsLeft: undefined, ...expected },
    response.body,
  )
  if (status !== 200) return
  if (!bodies.has(at)) bodies.set(at, response.body)
  assert.equal(response.body, bodies.get(at), 'a replay differs')
}

const advance = (seconds: number): Command =>
  command(`${seconds} s later`, async (model, { servers: [{ clock }] }) => {
    model.now += seconds * 1000
    clock.advance(seconds)
  })

const restart = (index: 0 | 1): Command =>
  command(`restart ${index}`, (_model, real) => real.restart(index))

const change = (user: number, what: 'version' | 'disable' | 'enable'): Command =>
  command(`${what} ${user}`, async (model, { people, servers: [server] }) => {
    const target = item(model.users, user)
    if (what === 'version') target.version++
    else target.isDisabled = what === 'disable'
    await server.database.client.user.update({
      where: { id: item(people, user).id },
      data: {
        credentialVersion: target.version,
        disabledAt: target.isDisabled ? new Date(model.now) : null,
      },
    })
  })

const clean = (): Command =>
  command('clean', async (_model, { servers: [server] }) => {
    await server.services.challenges.clean()
  })

const server = fc.constantFrom(0 as const, 1 as const)
const user = fc.constantFrom(0, 1, -1)
const number = fc.nat({ max: 100 })
const guess = fc.oneof(
  { weight: 2, arbitrary: fc.constant(RIGHT) },
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 7 }) },
)
const key = fc.constantFrom(null, 'first', 'second')
const crash = fc.constantFrom(null, null, null, 'effect' as const, 'commit' as const)
const answers = fc.record({ number, guess, key, server, crash }).map(answer)
const begins = fc.tuple(user, server).map((wish) => begin(...wish))

const sequences = fc.commands(
  [
    ...[begins, begins, answers, answers, answers, answers, answers, answers],
    fc.record({ number, guess, key }).map(answerAtOnce),
    fc.constantFrom(1, 299, 599, 600, 3600, 4200).map(advance),
    fc.constantFrom(0 as const, 1 as const).map(restart),
    fc
      .tuple(fc.constantFrom(0, 1), fc.constantFrom('version', 'disable', 'enable', 'enable'))
      .map(([who, what]) => change(who, what as 'version')),
    fc.constant(null).map(clean),
  ],
  {
    maxCommands: COMMANDS,
    size: 'max',
    ...(MODEL_REPLAY === undefined ? {} : { replayPath: MODEL_REPLAY }),
  },
)

/** `MODEL_SEED=… MODEL_PATH=… MODEL_REPLAY=…` of a failure runs its shortest sequence again. */
test('Challenges keep to the reference model through any answers, times, crashes and restarts', async (t) => {
  const seed = Number(MODEL_SEED ?? randomInt(2 ** 31))
  const url = await freshDatabase(t)
  const clock = testClock()
  const start = () =>
    startTrial(t, { url, clock, env: { RATE_LIMITS: 'off', LOG_LEVEL: 'silent' } })
  const servers: Real['servers'] = [await start(), await start()]
  const restartOne: Real['restart'] = async (index) => {
    await servers[index].close()
    servers[index] = await start()
  }

  t.diagnostic(`seed ${seed}: ${RUNS} sequences of up to ${COMMANDS} commands`)
  await fc.assert(
    fc.asyncProperty(
      sequences,
      withinTime(TIME_LIMIT_MS, async (commands) => {
        const [one, other] = [await signedUp(servers[0]), await signedUp(servers[0])]
        const people = [one, other].map((person) => ({
          id: person.user.id,
          username: person.username,
        }))
        const real: Real = { servers, restart: restartOne, people, tokens: [], bodies: new Map() }
        const users = people.map(() => ({ version: 1, isDisabled: false, effects: 0 }))
        const model: Model = { now: clock(), users, challenges: [] }
        await fc.asyncModelRun(() => ({ model, real }), [begin(0, 0), begin(-1, 1), ...commands])
        const effects = people.map(({ id }) => effectsOn(servers[0], id))
        assert.deepEqual(
          await Promise.all(effects),
          users.map((user) => user.effects),
        )
      }),
    ),
    {
      numRuns: RUNS,
      seed,
      includeErrorInReport: true,
      ...(MODEL_PATH === undefined ? {} : { path: MODEL_PATH }),
    },
  )
})
