// Second factors against a model of the contract, on two servers (ASVS 5.0 6.3.3, 6.5.1, 6.5.6,
// 6.7.2, 7.2.4, 7.4.3, 7.5.1, 7.5.3).
import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { call } from '../support/answers.ts'
import { FREE } from '../support/enrolment.ts'
import { sequences } from '../support/factor-commands.ts'
import { compareAll, passwordOf, type Real } from '../support/factor-requests.ts'
import { ACCESS_SECONDS, emptyWorld, openSession, TRUST_SECONDS } from '../support/factor-world.ts'
import { bearer, PASSWORD } from '../support/factories.ts'
import { freshDatabase, startServer, testClock } from '../support/helper.ts'
import { verifiedUser } from '../support/sign-in-codes.ts'
import { vault } from '../support/vault.ts'
import { withinTime } from '../support/within-time.ts'

const RUNS = Number(process.env.MODEL_RUNS ?? 15)
const COMMANDS = Number(process.env.MODEL_COMMANDS ?? 80)
const TIME_LIMIT_MS = Number(process.env.MODEL_SECONDS ?? 14) * 1000
const { MODEL_SEED, MODEL_PATH, MODEL_REPLAY } = process.env

/** `MODEL_SEED=… MODEL_PATH=… MODEL_REPLAY=…` of a failure runs its shortest sequence again. */
test('Second factors keep to the reference model through any answers, changes and times', async (t) => {
  const seed = Number(MODEL_SEED ?? randomInt(2 ** 31))
  const url = await freshDatabase(t)
  const clock = testClock(Math.ceil(Date.now() / 1000) * 1000)
  const env = {
    ...{ ...FREE, LOG_LEVEL: 'silent', ACCESS_TOKEN_TTL: `${ACCESS_SECONDS}s` },
    TRUSTED_DEVICE_TTL: `${TRUST_SECONDS}s`,
  }
  const start = () => startServer(t, { url, clock, env, features: [vault] })
  const servers = [await start(), await start()] as const

  /** Somebody with a session of the password alone. */
  async function newcomer() {
    const person = await verifiedUser(servers[0])
    const body = { currentPassword: PASSWORD, newPassword: passwordOf(0) }
    const changed = await call(servers[0], 'PUT /password', body, bearer(person.access_token))
    const { sessionId: id, access_token: access, refresh_token } = changed.json()
    const world = emptyWorld(clock() / 1000)
    openSession(world, 'aal1')
    const real: Real = {
      ...{ servers, person, apps: [], ids: new Map(), passkeys: [], sets: [] },
      ...{ sessions: [{ id, access, refresh: refresh_token }], dead: [person.access_token] },
      ...{ challenges: [], cookies: [], last: undefined },
    }
    return { world, real }
  }

  t.diagnostic(`seed ${seed}: ${RUNS} sequences of up to ${COMMANDS} commands`)
  await fc.assert(
    fc.asyncProperty(
      sequences(COMMANDS, MODEL_REPLAY),
      withinTime(TIME_LIMIT_MS, async (commands) => {
        const { world, real } = await newcomer()
        await fc.asyncModelRun(() => ({ model: world, real }), commands)
        await compareAll(world, real)
        const where = { userId: real.person.user.id }
        const { client } = servers[0].database
        const live = world.sessions.filter(({ isLive }) => isLive).length
        assert.equal(await client.session.count({ where: { ...where, revokedAt: null } }), live)
        for (const { services } of servers) await services.audit.written()
        const clones = { where: { ...where, type: 'factor_cloned' } }
        assert.equal(await client.auditEvent.count(clones), world.clones)
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
