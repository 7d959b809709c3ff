import type { ChallengeView, Method, ProviderRedirect } from '../../contract/challenge.ts'
import { ChallengeOver } from '../../contract/errors.ts'
import type { Transport } from '../../contract/session.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Database } from '../../platform/database/database.ts'
import type { Device } from '../../platform/device.ts'
import { NotFound } from '../../platform/errors/table.ts'
import type { SessionId, UserId } from '../../platform/ids.ts'
import type { Log } from '../../platform/log/log.ts'
import type { RateLimits } from '../../platform/rate-limits/rate-limits.ts'
import type { Audit } from '../audit/service.ts'
import { createAnswering, type Opened } from './answering.ts'
import type { Challenge } from './challenge.ts'
import { decideAnswer } from './decide.ts'
import { type Caller, type Purpose, type StartFields, startedBy } from './purpose.ts'
import type { ChallengeSeal } from './seal.ts'
import type { ChallengeStore } from './store.ts'

/**
 * How long rows outlive their challenges: clocks of servers differ, and a clock may be set back.
 */
const KEEP_EXPIRED_MS = 3_600_000

/** What a challenge is begun with; what is left out comes from the purpose, or is not there. */
export type Beginning = {
  purpose: string
  /** Of another challenge, whose answer depends on this one. There is one of a purpose for each. */
  partOf?: string | undefined
  /** Left out where no account is concerned, and to stand in for one that does not exist. */
  account?: { id: UserId; credentialVersion: number | 'any' } | undefined
  sessionId?: SessionId | undefined
  methods?: readonly Method[] | undefined
  lifeMs?: number | undefined
  proved?: readonly string[] | undefined
  transport?: Transport | undefined
  /** The address that the code goes to, or its key. */
  address?: string | undefined
  data?: string | undefined
  /** What a browser is asked for, with the 32 bytes that a passkey has to sign, in base64url. */
  passkey?: ((nonce: string) => Record<string, unknown>) | undefined
  device: Device
}

/** A challenge that has come back. `isFirst`: in time, and for the first time. */
export type Returned = { challenge: Challenge; secret: string; isFirst: boolean }

export type Challenges = ReturnType<typeof createChallenges>
type Dependencies = {
  db: Database
  clock: Clock
  log: Pick<Log, 'info'>
  audit: Audit
  rateLimits: Pick<RateLimits<'answers'>, 'consume'>
  seal: ChallengeSeal
  store: ChallengeStore
  /** Those that are served; all features are open when it is first called. */
  purposes: () => ReadonlyMap<string, Purpose>
}

/** Challenges: sealed statements of what has to be proved. A row exists once somebody answers. */
export function createChallenges(dependencies: Dependencies) {
  const { clock, log, seal, store, purposes } = dependencies

  /** Begins a challenge; nothing is stored. @throws Error for a purpose that no feature serves */
  function begin(beginning: Beginning): ChallengeView {
    const purpose = purposes().get(beginning.purpose)
    if (!purpose) throw new Error(`No feature serves the purpose ${beginning.purpose}`)
    const { methods = purpose.methods, lifeMs = purpose.lifeMs, device } = beginning
    const { account, sessionId = null, transport = null, address = null, passkey } = beginning
    const userId = account?.id ?? null
    const id = beginning.partOf === undefined ? seal.newId() : seal.idOfPart(beginning.partOf)
    const token = seal.seal({
      ...{ id, purpose: beginning.purpose, methods, sessionId, userId },
      ...{ credentialVersion: account?.credentialVersion ?? null, transport, address },
      ...{ proved: beginning.proved ?? [], data: beginning.data ?? null },
      endsAt: clock() + lifeMs,
    })
    // A line and no row: anybody may begin as many as he likes.
    const { requestId, trace, ip } = device
    const event = { event: 'challenge_begun', userId, sessionId, ip, detail: beginning.purpose }
    log.info({ requestId, ...trace, ...event }, 'security event')
    const expiresIn = Math.floor(lifeMs / 1000)
    const { as = beginning.purpose } = purpose
    const view = { token, purpose: as, methods: [...methods], expiresIn }
    return passkey ? { ...view, passkey: passkey(seal.nonceOf(id)) } : view
  }

  /** Begins a challenge for a client. @throws NotFound for a purpose that is not served */
  async function start(
    name: string,
    fields: StartFields,
    caller: Caller,
  ): Promise<ChallengeView | ProviderRedirect> {
    const purpose = startedBy(purposes(), { ...fields, purpose: name })
    if (!purpose?.start || purpose.start.isOn === false)
      throw NotFound({ detail: ({ details }) => details.purposeNotOffered })
    return await purpose.start.begin(fields, caller)
  }

  /** The 8 digits to mail; undefined for a token that is damaged or has expired. */
  function codeOf(token: string): string | undefined {
    const challenge = seal.open(token)
    if (!challenge || challenge.endsAt <= clock()) return undefined
    return seal.codeOf(challenge)
  }

  /** Has the code mailed once more. @throws ChallengeOver; what the purpose throws */
  async function send(token: string, caller: Caller): Promise<void> {
    const { challenge, purpose } = requireOpened(token)
    if (!purpose.send) throw ChallengeOver()
    const none = { tryHash: '', keyHash: null }
    const decision = decideAnswer(challenge, await store.read(challenge), none, clock())
    if (decision === 'over') throw ChallengeOver()
    await purpose.send({ challenge, token, caller, isLive: decision === 'try' })
  }

  /** @throws ChallengeOver for a forged, damaged or expired token, and one of no purpose here */
  function requireOpened(token: string): Opened {
    const challenge = seal.open(token)
    if (!challenge || challenge.endsAt <= clock()) throw ChallengeOver()
    const purpose = purposes().get(challenge.purpose)
    if (!purpose) throw ChallengeOver()
    return { challenge, purpose }
  }

  /** What only this server can know of a challenge that it has begun: 43 characters. */
  function secretOf(token: string): string {
    const { challenge } = requireOpened(token)
    return seal.nonceOf(challenge.id, challenge.secret)
  }

  /**
   * Uses up a challenge without methods: its token coming back is all the proof there is.
   * @param isMeant whether the challenge is one of those that come back
   * @throws ChallengeOver for a token that was not made here, or for something else
   */
  async function takeBack(
    token: string,
    isMeant: (challenge: Challenge) => boolean,
  ): Promise<Returned> {
    const challenge = seal.open(token)
    if (!challenge || challenge.methods.length > 0 || !isMeant(challenge)) throw ChallengeOver()
    const now = clock()
    const isFirst = challenge.endsAt > now && (await store.useUp(challenge, new Date(now)))
    return { challenge, secret: seal.nonceOf(challenge.id, challenge.secret), isFirst }
  }

  /** Whether the part of another challenge is proved. @param id of the other one */
  async function isPartProved(id: string): Promise<boolean> {
    return store.isUsed(seal.idOfPart(id))
  }

  function clean(): Promise<boolean> {
    return store.clean(new Date(clock() - KEEP_EXPIRED_MS))
  }

  const answer = createAnswering({ ...dependencies, requireOpened })

  return { begin, start, codeOf, send, answer, secretOf, takeBack, isPartProved, clean }
}
