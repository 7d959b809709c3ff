import { Type } from 'typebox'
import { ChallengeView, ProviderRedirect } from '../../contract/challenge.ts'
import { errorResponses, signedInProblems } from '../../contract/problem.ts'
import { hint, withRefinement } from '../../contract/refinements.ts'
import { oneOf, response, strictObject, text } from '../../contract/schema.ts'
import { Transport } from '../../contract/session.ts'
import { loginName } from '../../contract/user.ts'
import type { Issue } from '../../platform/errors/api-error.ts'
import { notAllowed, required } from './answer-request.ts'
import { type Purpose, startedBy } from './purpose.ts'

const startFields = {
  login: loginName(
    'The username or the e-mail address of the account, for a purpose that asks for it. The answer is the same whether there is such an account or not.',
    'lyshark@example.com',
  ),
  transport: Type.Optional(Transport),
  provider: Type.Optional(
    text(32, {
      min: 1,
      description:
        'One of `GET /providers`, which is to prove it. The answer is then where the browser has to go.',
      example: 'google',
    }),
  ),
  codeChallenge: Type.Optional(
    Type.String({
      pattern: '^[\\w\\-]{43}$',
      ...hint('codeChallenge'),
      description:
        'PKCE (RFC 7636, S256) between your client and this server: the SHA-256 digest, in base64url, of a `codeVerifier` that you make for each sign-in and keep.',
      example: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    }),
  ),
  returnTo: Type.Optional(
    text(200, {
      min: 1,
      description:
        'Where the browser goes behind the provider: one of `RETURN_URLS`, or a loopback address with any port. `#challenge=…` or `#error=…` is added.',
      example: 'http://localhost:5173/',
    }),
  ),
}
type StartField = keyof typeof startFields

type Purposes = ReadonlyMap<string, Purpose>

/** @param purposes those that clients may begin, whether they are served or not */
export function startSchema(purposes: Purposes) {
  const body = strictObject(
    {
      purpose: oneOf(namesOf(purposes), {
        description: 'What the proof is for.',
        example: offeredFirst(purposes)[0]?.[0],
      }),
      ...takenFields(purposes),
    },
    { title: 'ChallengeStart' },
  )
  return {
    tags: ['Accounts'],
    operationId: 'beginChallenge',
    summary: 'Begin to prove something',
    description:
      'Returns a challenge: what has to be proved, and how. A purpose may ask for `login`, for a `provider`, or for an access token. The answer is the same whether there is such an account or not.',
    security: [{ bearer: [] }, {}],
    body: withRefinement(body, (given) => startIssues(purposes, given)),
    'x-examples': { request: startExamples(purposes) },
    response: {
      201: response(
        isOneByProvider(purposes) ? Type.Union([ChallengeView, ProviderRedirect]) : ChallengeView,
        'The challenge.',
      ),
      ...errorResponses(
        ...[...signedInProblems, 'csrf_rejected', 'not_found'],
        ...new Set([...purposes.values()].flatMap(({ start }) => start?.errors ?? [])),
      ),
    },
  }
}

const namesOf = (purposes: Purposes) => [
  ...new Set([...purposes].map(([name, { as = name }]) => as)),
]

const isOneByProvider = (purposes: Purposes) =>
  [...purposes.values()].some(({ start }) => start?.takes.provider !== undefined)

/** What a setting leaves out comes last: the first example of the document works. */
function offeredFirst(purposes: Purposes) {
  const isOff = ([, { start }]: [string, Purpose]) => Number(start?.isOn === false)
  return [...purposes].sort((one, other) => isOff(one) - isOff(other))
}

/** The fields that one of the purposes takes. */
function takenFields(purposes: Purposes): typeof startFields {
  const isTaken = (name: string) =>
    [...purposes.values()].some(({ start }) => start?.takes[name as StartField])
  const taken = Object.entries(startFields).filter(([name]) => isTaken(name))
  return Object.fromEntries(taken) as typeof startFields
}

function startExamples(purposes: Purposes) {
  const named = offeredFirst(purposes).map(([purpose, { as, start }]) => {
    const omit = Object.keys(startFields).filter(
      (name) => start?.takes[name as StartField] !== 'required',
    )
    const name = as ?? purpose
    const summary = start?.takes.provider ? `\`${name}\` by a provider` : `\`${name}\``
    return [purpose, { summary, set: { purpose: name }, omit }]
  })
  return Object.fromEntries(named)
}

function startIssues(purposes: Purposes, body: Record<string, unknown>): Issue[] {
  const purpose = startedBy(purposes, body)
  if (!purpose?.start) return []
  const { takes } = purpose.start
  return (Object.keys(startFields) as StartField[]).flatMap((name) => {
    const isSent = body[name] !== undefined
    if (isSent && takes[name] === undefined) return [notAllowed(name)]
    return !isSent && takes[name] === 'required' ? [required(name)] : []
  })
}
