import { Type } from 'typebox'
import { ChallengeView } from '../../contract/challenge.ts'
import { endedHeaders, sessionHeaders } from '../../contract/cookies.ts'
import { isSamePassword, passwordIssues } from '../../contract/password-policy.ts'
import { errorResponses, signedInOnly, signedInProblems } from '../../contract/problem.ts'
import { withRefinement } from '../../contract/refinements.ts'
import { nullable, response, strictObject, withReadOnly } from '../../contract/schema.ts'
import { SessionBody, sessionExamples, Transport } from '../../contract/session.ts'
import {
  Email,
  Locale,
  NewPassword,
  Password,
  PersonName,
  Username,
  UserView,
} from '../../contract/user.ts'
import { english } from '../../languages/languages.ts'
import type { Text } from '../../languages/text.ts'
import type { Issue } from '../../platform/errors/api-error.ts'
import { type Dashboard, dashboardFields } from './dashboard.ts'

const Registration = strictObject(
  {
    username: Username,
    email: Email,
    password: NewPassword,
    passwordConfirm: Type.Optional(
      Type.Unsafe<string>({
        ...Password,
        description: 'The password again. Both must be the same.',
      }),
    ),
    name: Type.Optional(PersonName),
    transport: Type.Optional(Transport),
  },
  { title: 'Registration' },
)
const RegistrationBody = withRefinement(Registration, (body) => {
  const { username, email, password, passwordConfirm } = body as Record<string, unknown>
  if (typeof password !== 'string') return []
  const issues = passwordIssues(password, { username, email }, '/password')
  return [...issues, ...mismatch(password, passwordConfirm)]
})

function mismatch(password: string, confirmation: unknown): Issue[] {
  if (typeof confirmation !== 'string' || isSamePassword(confirmation, password)) return []
  const detail: Text = ({ fields }) => fields.passwordsDiffer
  return [{ pointer: '/passwordConfirm', code: 'mismatch', detail }]
}

const RegistrationBegun = strictObject(
  {
    message: Type.String({
      description: 'For people, not for programs.',
      example: english.messages.codeSent,
    }),
    challenge: ChallengeView,
  },
  { title: 'RegistrationBegun', description: 'What has to be proved before the first session.' },
)

const ProfileChanges = strictObject(
  {
    name: Type.Optional(nullable(PersonName)),
    locale: Type.Optional(nullable(Locale)),
    email: Type.Optional(Email),
    username: Type.Optional(Username),
    secondFactor: Type.Optional(
      Type.Boolean({
        description:
          'Whether a sign-in with the password asks for a second factor. A change needs a recent proof, and a factor to switch it on; your other sessions end.',
        example: true,
      }),
    ),
    currentPassword: Type.Optional(
      Type.Unsafe<string>({
        ...Password,
        description:
          'The password of your account. Required to change `email` or `username`, unless the account has no password. If you send it, it is always checked.',
      }),
    ),
  },
  {
    title: 'UserPatch',
    description: 'Fields that you leave out do not change. Read-only fields are ignored.',
  },
)
const Profile = withReadOnly(UserView, ProfileChanges)

// A client that sends every example of the document must not delete the README's account.
const CurrentPassword = Type.Unsafe<string>({
  ...Password,
  description:
    'The password of your account, to confirm this step. Required unless the account has no password.',
  example: 'the password of an account to delete',
})

const Removal = strictObject(
  { currentPassword: Type.Optional(CurrentPassword) },
  { title: 'Confirmation' },
)
/** Of accounts with a password. */
export const RemovalByPassword = strictObject({ currentPassword: CurrentPassword })

const dashboardBody = (dashboards: readonly Dashboard[]) =>
  strictObject(
    {
      logged_in_as: Username,
      message: Type.String({
        description: 'For people, not for programs.',
        example: 'Welcome to your dashboard, lyshark!',
      }),
      user: UserView,
      activeSessions: Type.Integer({
        minimum: 0,
        description: 'How many live sessions the user has.',
        example: 2,
      }),
      ...dashboardFields(dashboards),
    },
    { title: 'Dashboard', description: 'What a start page shows.' },
  )

const shared = { tags: ['Accounts'], security: signedInOnly }

export const registerSchema = {
  operationId: 'register',
  summary: 'Create an account and sign in',
  description:
    'Creates an account with the role `user` and opens its first session. Where the server sends mails, the address gets a code that verifies it. The answer has both tokens, so you need not sign in afterwards. A username or an e-mail address can belong to one account only. With `EMAIL_VERIFICATION=required` the answer is 202 with a `challenge` instead: the code of the mail, sent to `POST /challenges/answer`, verifies the address and opens the session. That answer is the same for an address that somebody has, who gets a notice.',
  tags: ['Accounts'],
  body: RegistrationBody,
  'x-examples': {
    request: {
      body: {
        summary: 'An app, a server, a command line',
        omit: ['passwordConfirm', 'transport'],
      },
      cookie: { summary: 'A browser', set: { transport: 'cookie' } },
    },
    201: {
      body: { ...sessionExamples.body, set: { message: 'Welcome, lyshark!' } },
      cookie: { ...sessionExamples.cookie, set: { message: 'Welcome, lyshark!' } },
    },
  },
  response: {
    201: response(SessionBody, 'The account, and its first session with its tokens.', {
      Location: { type: 'string', description: 'The path of the account.', example: '/me' },
      ...sessionHeaders,
    }),
    202: response(
      RegistrationBegun,
      'With `EMAIL_VERIFICATION=required`: a code is on its way, and nobody is signed in yet.',
    ),
    ...errorResponses(
      ...['registration_closed', 'weak_password', 'csrf_rejected'],
      ...['username_taken', 'email_taken'],
    ),
  },
}

export const readMeSchema = {
  ...shared,
  operationId: 'getMe',
  summary: 'Read your account',
  description: 'Returns the account that the access token belongs to.',
  response: { 200: response(UserView, 'The account.'), ...errorResponses(...signedInProblems) },
}

export const updateMeSchema = {
  ...shared,
  operationId: 'updateMe',
  summary: 'Change your name, language, e-mail address or username',
  description:
    'Changes the fields that you send and no others. `"name": null` removes the name, and `"locale": null` the language. A new e-mail address or username needs `currentPassword`, or a recent proof where the account has no password. A change of case, or of the spelling of the domain, does not need it. A new address is not verified. Where the server sends mails, it gets a code, and one that is to replace a verified address is in `pendingEmail` until it is confirmed; the present address in `email` ends such a change. Sessions continue.',
  body: Profile,
  'x-examples': {
    request: {
      name: {
        summary: 'A new name',
        omit: ['locale', 'email', 'username', 'secondFactor', 'currentPassword'],
      },
      locale: {
        summary: 'The language of mails',
        omit: ['name', 'email', 'username', 'secondFactor', 'currentPassword'],
      },
      email: {
        summary: 'A new e-mail address',
        omit: ['name', 'locale', 'username', 'secondFactor'],
      },
      secondFactor: {
        summary: 'Sign-ins with a second factor',
        omit: ['name', 'locale', 'email', 'username', 'currentPassword'],
      },
    },
  },
  response: {
    200: response(UserView, 'The account as it is now.'),
    ...errorResponses(
      ...[...signedInProblems, 'wrong_password', 'username_taken', 'email_taken'],
      ...['step_up_required', 'second_factor_missing'],
    ),
  },
}

export const deleteMeSchema = {
  ...shared,
  operationId: 'deleteMe',
  summary: 'Delete your account and everything that belongs to it',
  description:
    'Permanently deletes your account, with its sessions, houses and photos. An account without a password needs a recent proof instead of `currentPassword`. From now on the server refuses all its tokens. The username and the e-mail address are free again. If there are thousands of houses, the last of them disappear some time after the answer.',
  body: Removal,
  response: {
    204: { description: 'The account is deleted.', type: 'null', headers: endedHeaders },
    ...errorResponses(...[...signedInProblems, 'step_up_required', 'wrong_password', 'last_admin']),
  },
}

export const dashboardSchema = (dashboards: readonly Dashboard[]) => ({
  ...shared,
  operationId: 'getDashboard',
  summary: 'Read what a start page shows',
  description: `A greeting, the account, and counts of ${sentence(dashboards)}.`,
  response: {
    200: response(dashboardBody(dashboards), 'What a start page shows.'),
    ...errorResponses(...signedInProblems),
  },
})

/** `its live sessions, its houses and its notes` */
function sentence(dashboards: readonly Dashboard[]): string {
  const parts = ['live sessions', ...dashboards.map(({ name }) => name)].map((one) => `its ${one}`)
  return parts.join(', ').replace(/, (?=[^,]*$)/, ' and ')
}
