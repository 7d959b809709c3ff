import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { Type } from 'typebox'
import { ChallengeOver, WeakPassword } from '../../src/contract/errors.ts'
import { strictObject } from '../../src/contract/schema.ts'
import { SessionBody } from '../../src/contract/session.ts'
import { challengesFeature } from '../../src/features/challenges/feature.ts'
import type { Purpose, Purposes } from '../../src/features/challenges/purpose.ts'
import type { Challenges } from '../../src/features/challenges/service.ts'
import { defineFeature, type Tools } from '../../src/features/feature.ts'
import { readSession } from '../../src/features/sessions/read-session.ts'
import { newSession } from '../../src/features/sessions/session-row.ts'
import { insertOf } from '../../src/features/sessions/store.ts'
import { tokensFeature } from '../../src/features/tokens/feature.ts'
import type { Tokens } from '../../src/features/tokens/service.ts'
import { usersFeature } from '../../src/features/users/feature.ts'
import type { Users } from '../../src/features/users/service.ts'
import { signInTime } from '../../src/features/users/sign-in-time.ts'
import type { Transaction } from '../../src/platform/database/database.ts'
import { loginKey } from '../../src/platform/identity.ts'
import type { SessionId, UserId } from '../../src/platform/ids.ts'
import { call } from './answers.ts'
import { startServer, type TestServer } from './helper.ts'

export const TRIAL_PASSWORD = 'open sesame, said he'
export const LIFE_SECONDS = 600

/** What a test sees of the trial purposes of one server, and how it makes them fail. */
export type Trial = {
  /** Tokens that were to be mailed again. */
  resent: { token: string; isLive: boolean }[]
  /** Effects whose commit was told. */
  commits: number
  /** Proofs that were compared by the purpose. */
  compared: string[]
  /** Where the next right answer fails: in the transaction, or after its commit. */
  failsIn: 'effect' | 'commit' | undefined
  /** Runs when a proof has been checked and the transaction has not begun. */
  beforeEffect: (() => Promise<void>) | undefined
}

type Kit = Tools & { challenges: Challenges; users: Users; tokens: Tokens }

const Outcome = strictObject(
  { message: Type.String({ example: 'Done.' }), outcome: Type.String({ example: 'an id' }) },
  { title: 'TrialOutcome' },
)

/** A feature with purposes for tests, which count what they do in the row of the user. */
function createTrial() {
  const trial: Trial = {
    resent: [],
    commits: 0,
    compared: [],
    failsIn: undefined,
    beforeEffect: undefined,
  }
  const feature = defineFeature({
    name: 'trial',
    needs: [usersFeature, tokensFeature, challengesFeature],
    open: (kit) => ({ purposes: trialPurposes(kit, trial) }),
  })
  const off = defineFeature({
    name: 'trial-off',
    needs: [usersFeature, tokensFeature, challengesFeature],
    isOn: () => false,
    open: (kit) => {
      const { trial_code } = trialPurposes(kit, trial)
      return { purposes: { trial_off: trial_code } }
    },
  })
  return { trial, features: [feature, off] }
}

function trialPurposes(kit: Kit, trial: Trial) {
  const { challenges, users, clock } = kit

  const begin =
    (purpose: string): NonNullable<Purpose['start']>['begin'] =>
    async ({ login = '', transport }, { device }) => {
      const user = await users.findByKey(loginKey(login))
      const account = user && { id: user.id, credentialVersion: user.credentialVersion }
      return challenges.begin({ purpose, account, address: user?.emailKey, transport, device })
    }
  const base = { methods: ['mail_code'], lifeMs: LIFE_SECONDS * 1000 } as const
  const response = { status: 200, schema: Outcome, description: 'It is done.' } as const
  const send: Purpose['send'] = async ({ token, isLive }) => {
    trial.resent.push({ token, isLive })
  }
  const answer: Purpose['answer'] = async (_proved, outcome) => ({
    body: { message: 'Done.', outcome: String(outcome) },
  })
  const effect: Purpose['effect'] = async ({ challenge }) => {
    await trial.beforeEffect?.()
    return async (tx) => {
      await countEffect(tx, challenge)
      failIf(trial, 'effect')
      return { outcome: randomUUID(), afterCommit: () => committed(trial) }
    }
  }
  const start = { takes: { login: 'required', transport: 'optional' } } as const

  return {
    trial_code: {
      ...{ ...base, response, send, answer, effect },
      start: { ...start, begin: begin('trial_code') },
    },
    trial_password: {
      ...{ ...base, methods: ['mail_code', 'password'], response, answer },
      start: { ...start, begin: begin('trial_password') },
      takes: { newPassword: 'required' },
      proofs: {
        async password({ proof }) {
          trial.compared.push(proof)
          return proof === TRIAL_PASSWORD ? { amr: ['pwd'] } : undefined
        },
      },
      async effect(proved) {
        if (proved.fields.newPassword?.includes('weak')) throw WeakPassword()
        return effect(proved)
      },
    },
    /** Bound to the session that begins it. */
    trial_session: {
      ...{ ...base, response, answer, effect },
      start: {
        takes: {},
        async begin(_fields, { signedIn, device }) {
          const { userId, sessionId } = await signedIn()
          const { credentialVersion, emailKey: address } = await users.requireOpen(userId)
          const account = { id: userId, credentialVersion }
          return challenges.begin({ purpose: 'trial_session', account, sessionId, address, device })
        },
      },
    },
    /** Opens a session. */
    trial_entry: {
      ...{ ...base, response: { ...response, schema: SessionBody } },
      start: { ...start, begin: begin('trial_entry') },
      effect: async ({ challenge, caller: { device } }) => {
        const { userId, credentialVersion, transport } = challenge
        const how = { transport: transport ?? 'body', device, amr: 'pwd' } as const
        const at = new Date(clock())
        const id = userId as UserId
        const session = newSession({ id }, how, at, kit.config.lifetimes)
        return async (tx) => {
          const version = Number(credentialVersion)
          const signIn = signInTime({ userId: id, credentialVersion: version, at })
          if ((await tx.$executeRaw(signIn)) === 0) throw ChallengeOver()
          await tx.$executeRaw(insertOf(session))
          return { outcome: session.id, afterCommit: () => committed(trial) }
        }
      },
      async answer({ challenge }, outcome) {
        const found = await readSession(kit.statements, challenge.userId, outcome as SessionId)
        if (!found?.user) throw ChallengeOver()
        const { user, session } = found
        const issued = kit.tokens.issueTokens(user, session, new Date(clock()))
        return { issued, message: 'Welcome.', deviceCookie: 'a-device' }
      },
    },
    /** Not ended by a change of the account; only the server begins it. */
    trial_lasting: { ...base, response, answer, effect: async () => async () => ({}) },
  } satisfies Purposes
}

async function countEffect(
  tx: Transaction,
  { userId, credentialVersion }: { userId: string | null; credentialVersion: unknown },
): Promise<void> {
  if (userId === null) return
  const { count } = await tx.user.updateMany({
    where: { id: userId, credentialVersion: Number(credentialVersion), disabledAt: null },
    data: { houseCount: { increment: 1 } },
  })
  if (count === 0) throw ChallengeOver()
}

function failIf(trial: Trial, place: Trial['failsIn']): void {
  if (trial.failsIn !== place) return
  trial.failsIn = undefined
  throw new Error(`The server crashed in ${place}`)
}

function committed(trial: Trial): void {
  failIf(trial, 'commit')
  trial.commits++
}

/** A server with the trial purposes. */
export async function startTrial(
  t: Parameters<typeof startServer>[0],
  options: Parameters<typeof startServer>[1] = {},
): Promise<TestServer & { trial: Trial }> {
  const { trial, features } = createTrial()
  const server = await startServer(t, { ...options, features })
  return { ...server, trial }
}

type View = { token: string; purpose: string; methods: string[]; expiresIn: number }

/** Begins a challenge as a client does. */
export async function begun(
  server: TestServer,
  login: string,
  wish: { purpose?: string; transport?: string; headers?: Record<string, string> } = {},
): Promise<View> {
  const { purpose = 'trial_code', headers = {}, transport } = wish
  const fields = purpose === 'trial_session' ? {} : { login, ...(transport ? { transport } : {}) }
  const answer = await call(server, 'POST /challenges', { purpose, ...fields }, headers)
  assert.equal(answer.statusCode, 201, answer.body)
  return answer.json<View>()
}

export function codeOf({ services }: TestServer, token: string): string {
  const code = services.challenges.codeOf(token)
  assert.ok(code)
  return code
}

/** A code that is wrong, one for each number. */
export function wrongCode(server: TestServer, token: string, number = 1): string {
  const right = Number(codeOf(server, token).replace(' ', ''))
  return String((right + number) % 100_000_000).padStart(8, '0')
}

/** Answers with a code. */
export function answerWith(
  server: TestServer,
  token: string,
  code: string,
  key?: string,
  more: { body?: object; headers?: Record<string, string> } = {},
) {
  const headers = { ...(key === undefined ? {} : { 'idempotency-key': key }), ...more.headers }
  const body = { challenge: token, method: 'mail_code', code, ...more.body }
  return call(server, 'POST /challenges/answer', body, headers)
}

/** How often an effect was committed for the user. */
export async function effectsOn(server: TestServer, userId: string): Promise<number> {
  const { houseCount } = await server.database.client.user.findUniqueOrThrow({
    where: { id: userId },
    select: { houseCount: true },
  })
  return houseCount
}

export function rowsOf(server: TestServer) {
  return server.database.client.challenge.findMany()
}
