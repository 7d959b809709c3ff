import fc from 'fast-check'
import { call } from './answers.ts'
import {
  type Answering,
  expectAnswer,
  expectNewCodes,
  expectPassword,
  expectRemoval,
  expectSwitch,
} from './factor-answers.ts'
import {
  answer,
  assertion,
  codeOf,
  compare,
  compareAll,
  keepTrust,
  password,
  passwordOf,
  type Real,
  recoveryCode,
  send,
  showAll,
} from './factor-requests.ts'
import {
  type Addable,
  expectAdding,
  expectAlone,
  expectLogin,
  expectRefresh,
  factorsOf,
  guarded,
  item,
  type Method,
  STEP_SECONDS,
  type World,
} from './factor-world.ts'
import { refresh } from './factories.ts'

type Command = fc.AsyncCommand<World, Real>
type Server = 0 | 1

const command = (name: string, run: Command['run'], check: Command['check'] = () => true) => ({
  check,
  async run(world: World, real: Real) {
    await run(world, real)
    await compareAll(world, real)
  },
  toString: () => name,
})

/** Mostly a session that is live. */
function sessionAt({ sessions }: World, number: number): number {
  const live = sessions.flatMap(({ isLive }, index) => (isLive ? [index] : []))
  const some = number % 8 === 0 || live.length === 0 ? [...sessions.keys()] : live
  return item(some, number % some.length)
}

/** Mostly the last one. */
function challengeAt({ challenges }: World, number: number): number {
  const { length } = challenges
  return number % 4 === 0 ? number % length : length - 1
}

const hasSession = ({ sessions }: Readonly<World>) => sessions.length > 0
const hasChallenge = ({ challenges }: Readonly<World>) => challenges.length > 0

// Beginnings

const login = (server: Server, cookie: number | undefined): Command =>
  command(
    `log in at ${server}${cookie === undefined ? '' : `, browser ${cookie}`}`,
    async (world, real) => {
      const { length } = real.cookies
      const browser = cookie === undefined || length === 0 ? undefined : cookie % length
      const expected = expectLogin(world, browser)
      const headers = browser === undefined ? {} : { cookie: item(real.cookies, browser) }
      const body = { username: real.person.username, password: passwordOf(world.passwords) }
      compare(
        world,
        real,
        await call(item(real.servers, server), 'POST /login', body, headers),
        expected,
      )
    },
  )

const alone = (server: Server): Command =>
  command(`offer any passkey at ${server}`, async (world, real) => {
    const expected = expectAlone(world)
    const on = item(real.servers, server)
    compare(world, real, await call(on, 'POST /challenges', { purpose: 'sign_in' }), expected)
  })

/** A request of a session, which a model and a line say. */
const bySession = (
  name: string,
  { number, server }: { number: number; server: Server },
  run: (
    world: World,
    at: number,
    real: Real,
  ) => { expected: ReturnType<typeof expectAlone>; line: string; body?: object },
): Command =>
  command(
    `${name} by session ${number} at ${server}`,
    async (world, real) => {
      const at = sessionAt(world, number)
      const { expected, line, body } = run(world, at, real)
      compare(world, real, await send(real, at, server, line, body), expected)
    },
    hasSession,
  )

type By = { number: number; server: Server }

const beginAdding = (by: By, kind: Addable): Command =>
  bySession(`begin to add ${kind}`, by, (world, at) => ({
    expected: expectAdding(world, at, kind),
    ...{ line: 'POST /challenges', body: { purpose: `add_${kind}` } },
  }))

const enter = (by: By, place: 'vault' | 'safe'): Command =>
  bySession(`open the ${place}`, by, (world, at) => ({
    expected: guarded(world, at, place === 'safe' ? 'two' : 'recent') ?? { status: 200 },
    ...{ line: `POST /${place}`, body: {} },
  }))

const remove = (by: By, which: number): Command => {
  const removal = bySession(`remove factor ${which}`, by, (world, at, real) => {
    const factors = factorsOf(world)
    const factor = item(factors, which % factors.length)
    const id = real.ids.get(`${factor.kind} ${factor.at}`)
    return { expected: expectRemoval(world, at, factor), line: `DELETE /factors/${id}` }
  })
  return { ...removal, check: (world) => hasSession(world) && factorsOf(world).length > 0 }
}

const makeCodes = (by: By): Command =>
  bySession('make recovery codes', by, (world, at) => ({
    expected: expectNewCodes(world, at),
    line: 'POST /factors/recovery-codes',
  }))

const switchTo = (by: By, secondFactor: boolean): Command =>
  bySession(`switch to ${secondFactor}`, by, (world, at) => ({
    expected: expectSwitch(world, at, secondFactor),
    ...{ line: 'PATCH /me', body: { secondFactor } },
  }))

const changePassword = (by: By): Command =>
  bySession('change the password', by, (world, at) => {
    const currentPassword = passwordOf(world.passwords)
    const expected = expectPassword(world, at)
    const newPassword = passwordOf(world.passwords + (expected.status === 200 ? 0 : 1))
    return { expected, line: 'PUT /password', body: { currentPassword, newPassword } }
  })

const renewTokens = ({ number, server }: By): Command =>
  command(
    `refresh session ${number} at ${server}`,
    async (world, real) => {
      const at = sessionAt(world, number)
      const expected = expectRefresh(world, at)
      const token = item(real.sessions, at).refresh
      compare(world, real, await refresh(item(real.servers, server), token), expected)
    },
    hasSession,
  )

// Answers

type Wish = {
  number: number
  server: Server
  /** Of the methods of the challenge, or one that it does not have. */
  method: number
  /** Which code, and how wrong it is. */
  variant: number
  key: string | undefined
  isTrusted: boolean
}

const STEPS = [0, 0, 0, 0, 1, -1, 2, -2, 'wrong', 'wrong'] as const
const OTHERS: Method[] = ['totp', 'recovery_code', 'passkey', 'password']

function proofFor(world: World, real: Real, at: number, { method, variant }: Wish) {
  const { methods } = item(world.challenges, at)
  const wanted = method === 9 ? item(OTHERS, variant % 4) : item(methods, method % methods.length)
  if (wanted === 'totp') return codeFor(world, real, at, variant)
  if (wanted === 'recovery_code') {
    const set = variant % 5 === 0 ? Math.max(0, world.sets - 2) : (world.codes?.set ?? 0)
    return recoveryCode(real, set, variant % 10)
  }
  if (wanted === 'password') {
    const isRight = variant % 4 > 0 || world.passwords === 0
    return password(isRight ? world.passwords : world.passwords - 1, isRight)
  }
  return passkeyFor(world, real, at, variant)
}

function codeFor(world: World, real: Real, at: number, variant: number) {
  const { purpose, pending } = item(world.challenges, at)
  const former = variant % 11 === 10 ? world.steps.length - 1 : undefined
  const app = purpose === 'add_totp' ? pending : (former ?? world.app)
  return codeOf(world, real, app ?? 0, item(STEPS, variant % STEPS.length))
}

function passkeyFor(world: World, real: Real, at: number, variant: number) {
  if (world.passkeys.length === 0) return password(world.passwords, true)
  const { purpose, pending } = item(world.challenges, at)
  const passkey = purpose === 'add_passkey' ? (pending ?? 0) : passkeyAt(world, variant)
  const { counter: before } = item(world.passkeys, passkey)
  // Every fifth is a copy, whose counter stayed behind.
  const counter = variant % 5 === 4 && before > 0 ? before - (variant % 2) : before + 1
  const challenge = variant % 9 === 8 ? challengeAt(world, variant) : at
  return assertion(real, { passkey, counter, challenge, isNew: purpose === 'add_passkey' })
}

/** Mostly one that is there. */
function passkeyAt(world: World, variant: number): number {
  const there = factorsOf(world).flatMap(({ kind, at }) => (kind === 'passkey' ? [at] : []))
  const some = there.length > 0 && variant % 7 > 0 ? there : [...world.passkeys.keys()]
  return item(some, variant % some.length)
}

const answerOne = (wish: Wish): Command =>
  command(
    `answer ${JSON.stringify(wish)}`,
    async (world, real) => {
      const at = challengeAt(world, wish.number)
      const { proof, body } = proofFor(world, real, at, wish)
      const isTrusted = wish.isTrusted && item(world.challenges, at).purpose === 'sign_in'
      await tell(world, real, wish.server, { at, proof, key: wish.key, isTrusted }, body)
    },
    hasChallenge,
  )

async function tell(world: World, real: Real, server: Server, answering: Answering, body: object) {
  const response = await answer(world, real, server, answering, body)
  const expected = expectAnswer(world, answering)
  compare(world, real, response, expected)
  keepTrust(world, real, response)
  const { purpose, pending } = item(world.challenges, answering.at)
  if (response.statusCode === 201) {
    real.ids.set(`${purpose.slice('add_'.length)} ${pending}`, response.json().id)
  }
  real.last = { answering, body }
}

/** The answer was lost: the client sends it again, to the other server or to the same. */
const repeat = (server: Server): Command =>
  command(`repeat the last answer at ${server}`, async (world, real) => {
    if (real.last) await tell(world, real, server, real.last.answering, real.last.body)
  })

/** One code on two challenges at the same instant: it is good for one. */
const answerTwice = (wish: Wish): Command =>
  command(
    `answer twice at once ${JSON.stringify(wish)}`,
    async (world, real) => {
      const last = world.challenges.length - 1
      const { proof, body } = proofFor(world, real, last, wish)
      const both = [last - 1, last].map((at) => ({ at, proof, key: undefined, isTrusted: false }))
      const responses = await Promise.all(
        both.map((answering, index) => answer(world, real, index as Server, answering, body)),
      )
      const isOther = item(responses, 1).statusCode === 200
      for (const index of isOther ? [1, 0] : [0, 1]) {
        compare(world, real, item(responses, index), expectAnswer(world, item(both, index)))
      }
    },
    ({ challenges }) => {
      const [one, other] = challenges.slice(-2)
      const areSignIns = one?.purpose === 'sign_in' && other?.purpose === 'sign_in'
      return areSignIns && [one, other].every(({ methods }) => methods.includes('totp'))
    },
  )

// Time

const advance = (seconds: number): Command =>
  command(`${seconds} s later`, async (world, real) => {
    world.now += seconds
    real.servers[0].clock.advance(seconds)
  })

const back = (): Command =>
  command(
    'an hour back',
    async (world, real) => {
      await showAll(world, real)
      world.hasGoneBack = true
      world.now -= 3600
      real.servers[0].clock.advance(-3600)
    },
    ({ hasGoneBack }) => !hasGoneBack,
  )

/** What people do in one go. */
const inTurn = (...commands: Command[]): Command => ({
  check: (world) => item(commands, 0).check(world),
  async run(world, real) {
    for (const one of commands) if (one.check(world)) await one.run(world, real)
  },
  toString: () => commands.join(', then '),
})

const server = fc.constantFrom(0 as const, 1 as const)
const number = fc.nat({ max: 100 })
const by = fc.record({ number, server })
const key = fc.constantFrom(undefined, 'first', 'second')
const wish = fc.record({
  ...{ number, server, key, isTrusted: fc.boolean() },
  method: fc.nat({ max: 9 }),
  variant: fc.nat({ max: 110 }),
})
const cookie = fc.option(fc.nat({ max: 5 }), { nil: undefined, freq: 2 })
const kind = fc.constantFrom('totp' as const, 'passkey' as const)
/** An answer to the newest challenge that is likely right. */
const rightWish = wish.map((one) => ({
  ...{ ...one, number: 1, method: one.method % 3 },
  variant: 1 + (one.variant % 3),
}))
const right = rightWish.map(answerOne)
const answers = wish.map(answerOne)
const logins = fc.tuple(server, cookie).map((all) => login(...all))
const logsIn = server.map((one) => login(one, undefined))
const adds = fc.tuple(by, kind).map((all) => beginAdding(...all))
const enters = fc
  .tuple(by, fc.constantFrom('vault' as const, 'safe' as const))
  .map((all) => enter(...all))
const later = fc
  .constantFrom(STEP_SECONDS, STEP_SECONDS, 60, 300, 601, 901, 3599, 3600)
  .map(advance)
const steps = fc.constant(null).map(() => advance(STEP_SECONDS))
const together = (...arbitraries: fc.Arbitrary<Command>[]) =>
  fc.tuple(...arbitraries).map((commands) => inTurn(...commands))

/** All that clients of the account may do. */
export const sequences = (maxCommands: number, replayPath: string | undefined) =>
  fc.commands(
    [
      ...[logins, server.map(alone), answers, answers, answers, enters, later],
      ...[together(logins, steps, right), together(adds, right), together(enters, steps, right)],
      ...[
        together(server.map(alone), right),
        together(steps, logsIn, logsIn, rightWish.map(answerTwice)),
      ],
      ...[adds, fc.tuple(by, number).map((all) => remove(...all)), by.map(makeCodes)],
      ...[fc.tuple(by, fc.boolean()).map((all) => switchTo(...all)), by.map(changePassword)],
      ...[by.map(renewTokens), server.map(repeat), together(answers, server.map(repeat))],
      fc.constant(null).map(back),
    ],
    { maxCommands, size: 'max', ...(replayPath === undefined ? {} : { replayPath }) },
  )
