import { Type } from 'typebox'
import { FactorName, FactorView } from '../../contract/factor.ts'
import { ID_PATTERN, IdempotencyKey } from '../../contract/ids.ts'
import { errorResponses, signedInOnly, signedInProblems } from '../../contract/problem.ts'
import { nullable, response, strictObject, withReadOnly } from '../../contract/schema.ts'

const RecoveryCodes = Type.Array(
  Type.String({
    description: 'It proves you once, when nothing else is at hand.',
    example: 'K4M9-X7QP-2AB8-HT3Z',
  }),
  { description: 'All ten recovery codes. They are shown now and never again: keep them safe.' },
)

export const AddedFactor = strictObject(
  { ...FactorView.properties, recoveryCodes: Type.Optional(RecoveryCodes) },
  { title: 'AddedFactor', description: 'A new factor; the first one brings recovery codes.' },
)

const FactorList = strictObject(
  {
    items: Type.Array(FactorView, { description: 'Oldest first.' }),
    recoveryCodesLeft: Type.Integer({
      minimum: 0,
      description: 'How many recovery codes are not used yet.',
      example: 9,
    }),
  },
  { title: 'FactorList', description: 'The factors of an account.' },
)

const NewRecoveryCodes = strictObject(
  { recoveryCodes: RecoveryCodes },
  { title: 'RecoveryCodes', description: 'New recovery codes.' },
)

const Rename = strictObject(
  { name: nullable(FactorName) },
  { title: 'FactorPatch', description: 'Read-only fields are ignored.' },
)

const IdParams = strictObject({
  id: Type.String({
    pattern: ID_PATTERN,
    description: 'Id of the factor.',
    example: '01a1f867-5e10-7c3a-9f10-3f5d1f0a7b6c',
  }),
})

const shared = { tags: ['Factors'], security: signedInOnly }

export const listSchema = {
  ...shared,
  operationId: 'listFactors',
  summary: 'List your factors',
  description:
    'Returns your authenticator app and your passkeys, and how many recovery codes are left. Add one with `add_totp` or `add_passkey` at `POST /challenges`.',
  response: { 200: response(FactorList, 'The factors.'), ...errorResponses(...signedInProblems) },
}

export const renameSchema = {
  ...shared,
  operationId: 'renameFactor',
  summary: 'Rename a factor',
  description: 'Changes what you call it. `null` takes the name away.',
  params: IdParams,
  body: withReadOnly(FactorView, Rename),
  response: {
    200: response(FactorView, 'The factor as it is now.'),
    ...errorResponses(...signedInProblems, 'not_found'),
  },
}

export const removeSchema = {
  ...shared,
  operationId: 'removeFactor',
  summary: 'Remove a factor',
  description:
    'Removes it at once. Your other sessions end. With the last one the recovery codes go, too, and a sign-in needs the password only. It needs a recent proof.',
  params: IdParams,
  response: {
    204: { description: 'It is removed.', type: 'null' },
    ...errorResponses(...signedInProblems, 'step_up_required', 'not_found', 'last_credential'),
  },
}

export const renewCodesSchema = {
  ...shared,
  operationId: 'makeRecoveryCodes',
  summary: 'Make new recovery codes',
  description:
    'Returns ten new codes; all older ones are dead. Your other sessions end. It needs a recent proof, and a factor. With an `Idempotency-Key`, a retry within ten minutes returns the same codes, unless the account has changed again.',
  headers: Type.Object({
    'idempotency-key': IdempotencyKey(
      'Names this request, so that its retry returns the same codes.',
      'codes-8f14e45f',
    ),
  }),
  response: {
    201: response(NewRecoveryCodes, 'The new codes.'),
    ...errorResponses(...signedInProblems, 'step_up_required', 'second_factor_missing'),
  },
}
