// What answers to challenges and changes of factors do, by the contract: see factor-world.ts.
import {
  ACCESS_SECONDS,
  type Addable,
  type Challenge,
  type Expected,
  endOthers,
  type FactorName,
  factorsOf,
  guarded,
  item,
  openSession,
  over,
  type Proof,
  refusal,
  refused,
  renew,
  stepOf,
  TRUST_SECONDS,
  type Use,
  type World,
} from './factor-world.ts'

const GUESSES = 5
const PAUSE_SECONDS = 900

// Answers

export type Answering = { at: number; proof: Proof; key?: string | undefined; isTrusted: boolean }

export function expectAnswer(world: World, answering: Answering): Expected {
  const { at, proof, key, isTrusted } = answering
  const challenge = item(world.challenges, at)
  const { used } = challenge
  const no = notAdmitted(world, challenge, proof)
  if (no) return no
  const request = key && JSON.stringify([key, proof.text, isTrusted])
  if (used) return request && used.request === request ? replay(world, used, isTrusted) : over
  return compare(world, challenge, answering, request)
}

function notAdmitted(world: World, challenge: Challenge, proof: Proof): Expected | undefined {
  const { methods, endsAt, session } = challenge
  if (world.now >= endsAt) return over
  if (!methods.includes(proof.method)) return refused(400, 'validation_failed')
  return session === undefined ? undefined : refusal(world, session)
}

function compare(
  world: World,
  challenge: Challenge,
  answering: Answering,
  request: string | undefined,
): Expected {
  const { proof } = answering
  const isNew = challenge.last !== proof.text
  if (isNew && challenge.guesses >= GUESSES) return over
  if (isNew) challenge.guesses++
  challenge.last = proof.text
  const wrong = check(world, challenge, answering)
  if (wrong) return wrong
  if (challenge.version !== undefined && challenge.version !== world.version) return over
  return spend(world, challenge, proof) ?? takeEffect(world, challenge, answering, request)
}

/** A lost answer: the session must still be there, and so must the factor. */
function replay(world: World, { again, added }: Use, isTrusted: boolean): Expected {
  if (added) {
    const isThere = factorsOf(world).some(({ kind, at }) => kind === added.kind && at === added.at)
    const hasCodes = again.hasCodes === true && world.codes?.set === added.set
    return isThere ? { ...again, hasCodes } : over
  }
  const session = item(world.sessions, again.session ?? -1)
  if (!session.isLive) return over
  session.tokenEnd = world.now + ACCESS_SECONDS
  if (isTrusted) trust(world)
  return again
}

function wrongProof({ guesses }: Challenge): Expected {
  return { ...refused(401, 'invalid_credentials'), attemptsLeft: GUESSES - guesses }
}

/** @returns what a proof is refused with, if anything */
function check(world: World, challenge: Challenge, { at, proof }: Answering): Expected | undefined {
  const { pending } = challenge
  if (proof.method === 'totp' && pending === undefined) return checkCode(world, challenge, proof)
  return isRight(world, proof, at, pending) ? undefined : wrongProof(challenge)
}

function isRight(world: World, proof: Proof, at: number, pending: number | undefined): boolean {
  switch (proof.method) {
    case 'password':
      return proof.isRight
    case 'recovery_code':
      return world.codes?.set === proof.set && world.codes.left.has(proof.number)
    case 'totp':
      return isShown(world, proof) && proof.app === pending
    case 'passkey': {
      const { isThere } = item(world.passkeys, proof.passkey)
      const isMeant = pending === undefined ? isThere : pending === proof.passkey
      return isMeant && proof.challenge === at
    }
  }
}

const isShown = ({ now }: World, { step }: { step: number }) => Math.abs(step - stepOf(now)) <= 1

/** Wrong codes of the app count for the account, over all challenges; used ones do not. */
function checkCode(
  world: World,
  challenge: Challenge,
  code: { app: number | undefined; step: number },
): Expected | undefined {
  const { wrongCodes } = world
  if (world.app === undefined) return wrongProof(challenge)
  if (wrongCodes.until > world.now) return refused(429, 'rate_limited')
  if (code.app === world.app && isShown(world, code)) {
    return code.step > item(world.steps, world.app) ? undefined : wrongProof(challenge)
  }
  wrongCodes.count++
  if (wrongCodes.count % 10 === 0) wrongCodes.until = world.now + PAUSE_SECONDS
  return wrongProof(challenge)
}

/** Uses a proof up. @returns what the copy of a passkey is refused with */
function spend(world: World, challenge: Challenge, proof: Proof): Expected | undefined {
  if (proof.method === 'totp') {
    world.steps[proof.app ?? -1] = proof.step
    if (challenge.pending === undefined) world.wrongCodes = { count: 0, until: 0 }
  }
  if (proof.method === 'recovery_code') {
    world.codes?.left.delete(proof.number)
    if (world.codes?.left.size === 0) world.codes = undefined
  }
  if (proof.method !== 'passkey') return undefined
  const passkey = item(world.passkeys, proof.passkey)
  if (challenge.pending === undefined && proof.counter <= passkey.counter) {
    world.clones++
    return wrongProof(challenge)
  }
  passkey.counter = proof.counter
  return undefined
}

function takeEffect(
  world: World,
  challenge: Challenge,
  { proof, isTrusted }: Answering,
  request: string | undefined,
): Expected {
  const { purpose, session = -1, pending } = challenge
  if (pending !== undefined) {
    const kind = purpose === 'add_totp' ? 'totp' : 'passkey'
    const again = add(world, session, kind, pending)
    const set = world.codes?.set
    challenge.used = { request, again, added: { kind, at: pending, set } }
    return again
  }
  const again =
    purpose === 'sign_in'
      ? openSession(world, 'aal2')
      : renew(world, session, proof.method === 'password' ? 'aal1' : 'aal2')
  challenge.used = { request, again }
  if (isTrusted) trust(world)
  return again
}

function trust({ trusted, version, now }: World): void {
  trusted.push({ version, endsAt: now + TRUST_SECONDS })
}

// Changes of factors

function newCodes(world: World): void {
  const left = new Set(Array.from({ length: 10 }, (_, index) => index))
  world.codes = { set: world.sets++, left }
}

function add(world: World, session: number, kind: Addable, at: number): Expected {
  const hasCodes = factorsOf(world).length === 0
  if (hasCodes) newCodes(world)
  if (kind === 'passkey') item(world.passkeys, at).isThere = true
  else {
    world.app = at
    world.secondFactor = true
    world.version++
    endOthers(world, session)
  }
  return { status: 201, hasCodes }
}

function changed(world: World, session: number): void {
  world.version++
  endOthers(world, session)
}

export function expectRemoval(world: World, session: number, { kind, at }: FactorName): Expected {
  const no = guarded(world, session, 'recent')
  if (no) return no
  if (kind === 'totp') world.app = undefined
  else item(world.passkeys, at).isThere = false
  if (factorsOf(world).length === 0) Object.assign(world, { secondFactor: false, codes: undefined })
  changed(world, session)
  return { status: 204 }
}

export function expectNewCodes(world: World, session: number): Expected {
  const no = guarded(world, session, 'recent')
  if (no) return no
  if (factorsOf(world).length === 0) return refused(403, 'second_factor_missing')
  newCodes(world)
  changed(world, session)
  return { status: 201, hasCodes: true }
}

export function expectSwitch(world: World, session: number, wanted: boolean): Expected {
  const dead = refusal(world, session)
  if (dead) return dead
  if (world.secondFactor === wanted) return { status: 200 }
  const no = guarded(world, session, 'recent')
  if (no) return no
  if (wanted && factorsOf(world).length === 0) return refused(403, 'second_factor_missing')
  world.secondFactor = wanted
  changed(world, session)
  return { status: 200 }
}

export function expectPassword(world: World, session: number): Expected {
  const no = guarded(world, session, 'second factor')
  if (no) return no
  world.passwords++
  changed(world, session)
  return renew(world, session, 'aal1')
}
