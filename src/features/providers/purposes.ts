import { timingSafeEqual } from 'node:crypto'
import { IdentityView } from '../../contract/identity.ts'
import { SessionBody } from '../../contract/session.ts'
import type { GivenProof, Proven, Purpose } from '../challenges/purpose.ts'
import { digestOf } from './attempt.ts'
import type { Beginning } from './beginning.ts'
import type { Identities } from './identities.ts'
import { personIn } from './person.ts'
import type { ProviderSignIn } from './sign-in.ts'

/** Clients call it `sign_in`, with a provider. */
export const PROVIDER_SIGN_IN = 'provider_sign_in'
export const ADD_IDENTITY = 'add_identity'

const LIFE_MS = 300_000
const FACTOR_LIFE_MS = 600_000
const SIGNED_IN =
  'For `sign_in` by a provider: the new session, with its tokens; 201 with a new account.'
const takes = { provider: 'required', codeChallenge: 'required', returnTo: 'required' } as const
const errors = ['provider_unavailable', 'rate_limited']

type Dependencies = { isOn: boolean; beginning: Beginning }

/** `sign_in` by an outside provider: a session, and an account where there is none. */
export function providerSignInPurpose(
  { isOn, beginning }: Dependencies,
  { open, answer }: ProviderSignIn,
): Purpose {
  return {
    methods: ['oidc'],
    lifeMs: LIFE_MS,
    as: 'sign_in',
    start: {
      isOn,
      takes: { ...takes, transport: 'optional' },
      begin: ({ transport = 'body', ...fields }, caller) =>
        beginning.begin(PROVIDER_SIGN_IN, { ...fields, transport }, caller),
      errors,
    },
    takes: { username: 'optional', trustDevice: 'optional' },
    proofs: { oidc: verifier },
    effect: open,
    answer,
    errors: [
      ...['second_factor_required', 'verification_required', 'step_up_required', 'rate_limited'],
      ...['registration_closed', 'email_unverified', 'username_taken', 'limit_reached'],
    ],
    response: {
      status: 200,
      mayBeNew: true,
      schema: SessionBody,
      description: SIGNED_IN,
    },
  }
}

/** `sign_in` behind a provider: the second factor of an account that asks for one. */
export function providerFactorPurpose({ proofs, openBehindFactor, answerFactor }: ProviderSignIn) {
  return {
    as: 'sign_in',
    methods: Object.keys(proofs) as (keyof typeof proofs)[],
    lifeMs: FACTOR_LIFE_MS,
    takes: { trustDevice: 'optional' },
    proofs,
    effect: openBehindFactor,
    answer: answerFactor,
    errors: ['verification_required', 'limit_reached'],
    response: { status: 200, schema: SessionBody, description: SIGNED_IN },
  } satisfies Purpose
}

/** `add_identity`: an outside provider signs in to the account that asks. */
export function addIdentityPurpose(
  { isOn, beginning }: Dependencies,
  { requireOwner, add, added }: Identities,
): Purpose {
  return {
    methods: ['oidc'],
    lifeMs: LIFE_MS,
    start: {
      isOn,
      takes,
      begin: async (fields, caller) =>
        beginning.begin(ADD_IDENTITY, fields, caller, await requireOwner(caller)),
      errors: [...errors, 'step_up_required', 'limit_reached'],
    },
    proofs: { oidc: verifier },
    effect: add,
    answer: async (proved, outcome) => ({ body: await added(proved, outcome) }),
    errors: ['identity_taken', 'limit_reached'],
    response: {
      status: 201,
      schema: IdentityView,
      description: 'For `add_identity`: the new identity.',
    },
  }
}

/** The client that began, and no other, has the code verifier (RFC 7636 4.6). */
async function verifier({ proof, challenge }: GivenProof): Promise<Proven | undefined> {
  const given = Buffer.from(digestOf(proof))
  const expected = Buffer.from(personIn(challenge).codeChallenge)
  const isSame = given.length === expected.length && timingSafeEqual(given, expected)
  return isSame ? { amr: ['fed'] } : undefined
}
