import { Type } from 'typebox'
import { IdentityId, IdentityView, ProviderId } from '../../contract/identity.ts'
import { errorResponses, signedInOnly, signedInProblems } from '../../contract/problem.ts'
import { response, strictObject } from '../../contract/schema.ts'

const ProviderList = strictObject(
  {
    items: Type.Array(
      strictObject(
        {
          id: ProviderId,
          name: Type.String({ description: 'For a button.', example: 'Google' }),
        },
        { title: 'Provider', description: 'An outside provider that signs people in.' },
      ),
      { description: 'In the order of the settings.' },
    ),
  },
  { title: 'ProviderList', description: 'The outside providers of this server.' },
)

const IdentityList = strictObject(
  { items: Type.Array(IdentityView, { description: 'Oldest first.' }) },
  { title: 'IdentityList', description: 'The identities of an account.' },
)

const shared = { tags: ['Providers'] }

export const listProvidersSchema = {
  ...shared,
  operationId: 'listProviders',
  summary: 'List the outside providers',
  description:
    'Returns the providers that sign people in here. Begin with `sign_in` or `add_identity` at `POST /challenges`.',
  'x-memory-only': true,
  response: { 200: response(ProviderList, 'The providers; none is configured by default.') },
}

/** Its parameters are checked by the protocol: providers add some of their own. */
export const callbackSchema = {
  ...shared,
  operationId: 'returnFromProvider',
  summary: 'Come back from a provider',
  description:
    'Providers send browsers here. The answer sends them on to the `returnTo` of the request that began, with `#challenge=…` to be answered within 5 minutes by `method: "oidc"`, or with `#error=…`: `access_denied`, `challenge_over` or `provider_unavailable`.',
  params: strictObject({
    provider: Type.String({
      pattern: '^[a-z][a-z0-9\\-]{0,31}$',
      description: 'The provider.',
      example: 'google',
    }),
  }),
  response: {
    303: { description: 'The browser continues at `returnTo`.', type: 'null' },
    ...errorResponses('challenge_over', 'not_found'),
  },
}

const parameter = (description: string, example: string) =>
  Type.Optional(Type.String({ description, example }))

/** The same by `response_mode=form_post`. */
export const formCallbackSchema = {
  ...callbackSchema,
  operationId: 'returnFromProviderByForm',
  summary: 'Come back from a provider that sends a form',
  body: Type.Object(
    {
      state: parameter('As it was sent to the provider.', 'q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQ'),
      code: parameter('To be exchanged for the identity.', 'SplxlOBeZQQYbYS6WxSbIA'),
      iss: parameter('Who sends it (RFC 9207).', 'https://accounts.example.com'),
      error: parameter('Why nobody was signed in.', 'access_denied'),
    },
    {
      additionalProperties: true,
      title: 'ProviderCallback',
      description: 'As the provider sends it.',
    },
  ),
}

export const listIdentitiesSchema = {
  ...shared,
  security: signedInOnly,
  operationId: 'listIdentities',
  summary: 'List your identities',
  description:
    'Returns your accounts at outside providers that sign you in here. Add one with `add_identity` at `POST /challenges`.',
  response: {
    200: response(IdentityList, 'The identities.'),
    ...errorResponses(...signedInProblems),
  },
}

export const removeIdentitySchema = {
  ...shared,
  security: signedInOnly,
  operationId: 'removeIdentity',
  summary: 'Remove an identity',
  description:
    'The provider does not sign you in to this account any more, unless it has verified the address of the account: then its next sign-in links them again. Your other sessions end. It needs a recent proof, and another way to sign in: a password, a passkey or another provider.',
  params: strictObject({ id: IdentityId }),
  response: {
    204: { description: 'It is removed.', type: 'null' },
    ...errorResponses(...signedInProblems, 'step_up_required', 'not_found', 'last_credential'),
  },
}
