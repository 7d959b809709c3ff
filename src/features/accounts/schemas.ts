import { Type } from 'typebox'
import { withChecks } from '../../http/checks.ts'
import {
  answer,
  closed,
  Email,
  NewPassword,
  nullable,
  Password,
  PersonName,
  problems,
  signedInOnly,
  signedInProblems,
  Username,
  withReadOnly,
} from '../../http/schemas.ts'
import {
  endedHeaders,
  SessionBody,
  sessionExamples,
  sessionHeaders,
  TransportName,
  UserView,
} from '../../http/session-answer.ts'
import type { Fault } from '../../platform/errors.ts'
import { isSamePassword, passwordFaults } from '../../platform/password-policy.ts'

const Registration = closed(
  {
    username: Username,
    email: Email,
    password: NewPassword,
    passwordConfirm: Type.Optional(
      Type.Unsafe<string>({ ...Password, description: 'The password again; must equal it.' }),
    ),
    name: Type.Optional(PersonName),
    transport: Type.Optional(TransportName),
  },
  { title: 'Registration' },
)
const RegistrationBody = withChecks(Registration, (body) => {
  const { username, email, password, passwordConfirm } = body as Record<string, unknown>
  if (typeof password !== 'string') return []
  const faults = passwordFaults(password, { username, email }, '/password')
  return [...faults, ...mismatch(password, passwordConfirm)]
})

function mismatch(password: string, confirmation: unknown): Fault[] {
  if (typeof confirmation !== 'string' || isSamePassword(confirmation, password)) return []
  return [{ pointer: '/passwordConfirm', code: 'mismatch', detail: 'Must equal password.' }]
}

const CurrentPassword = Type.Unsafe<string>({
  ...Password,
  description: 'The password of the account, to confirm the step.',
})

const ProfileChanges = closed(
  {
    name: Type.Optional(nullable(PersonName)),
    email: Type.Optional(Email),
    username: Type.Optional(Username),
    currentPassword: Type.Optional(
      Type.Unsafe<string>({
        ...Password,
        description:
          'The password of the account; needed where `email` or `username` become another one. It is checked wherever it is sent.',
      }),
    ),
  },
  {
    title: 'UserPatch',
    description: 'Fields that are left out stay as they are. What is read-only is passed over.',
  },
)
const Profile = withReadOnly(UserView, ProfileChanges)

// Whoever sends every example of the document must not delete the account of the README.
const Removal = closed(
  {
    currentPassword: Type.Unsafe<string>({
      ...CurrentPassword,
      example: 'the password of an account to delete',
    }),
  },
  { title: 'Confirmation' },
)

const Dashboard = closed(
  {
    logged_in_as: Username,
    message: Type.String({
      description: 'For people, not for programs.',
      example: 'Welcome to your dashboard, lyshark!',
    }),
    user: UserView,
    activeSessions: Type.Integer({
      minimum: 0,
      description: 'Live sessions of the user.',
      example: 2,
    }),
    houses: Type.Integer({ minimum: 0, description: 'Houses that the user owns.', example: 1 }),
  },
  { title: 'Dashboard', description: 'What a start page shows.' },
)

const shared = { tags: ['Accounts'], security: signedInOnly }

export const registerSchema = {
  operationId: 'register',
  summary: 'Create an account and sign in',
  description:
    'Makes an account with the role `user` and opens its first session: the answer holds both tokens, so no sign-in has to follow. Usernames and e-mail addresses belong to one account each.',
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
    201: answer(SessionBody, 'The account, and its first session with its tokens.', {
      Location: { type: 'string', description: 'The path of the account.', example: '/me' },
      ...sessionHeaders,
    }),
    ...problems('weak_password', 'csrf_rejected', 'username_taken', 'email_taken'),
  },
}

export const readMeSchema = {
  ...shared,
  operationId: 'getMe',
  summary: 'Read your account',
  description: 'Answers with the account that the access token belongs to.',
  response: { 200: answer(UserView, 'The account.'), ...problems(...signedInProblems) },
}

export const updateMeSchema = {
  ...shared,
  operationId: 'updateMe',
  summary: 'Change your name, e-mail address or username',
  description:
    'Changes the fields that are sent and leaves the others as they are. `"name": null` removes the name. Another e-mail address or username needs `currentPassword`; what you have already, also in other case or with the domain in its other spelling, needs none and is kept as typed. Another address counts as not verified. Sessions go on.',
  body: Profile,
  'x-examples': {
    request: {
      name: {
        summary: 'A new name',
        omit: ['email', 'username', 'currentPassword'],
      },
      email: { summary: 'A new e-mail address', omit: ['name', 'username'] },
    },
  },
  response: {
    200: answer(UserView, 'The account as it is now.'),
    ...problems(...signedInProblems, 'wrong_password', 'username_taken', 'email_taken'),
  },
}

export const deleteMeSchema = {
  ...shared,
  operationId: 'deleteMe',
  summary: 'Delete your account and everything that belongs to it',
  description:
    'Deletes the account for good, with its sessions, houses and photos. All its tokens are refused from now on. The username and the e-mail address are free again.',
  body: Removal,
  response: {
    204: { description: 'The account is gone.', type: 'null', headers: endedHeaders },
    ...problems(...signedInProblems, 'wrong_password'),
  },
}

export const dashboardSchema = {
  ...shared,
  operationId: 'getDashboard',
  summary: 'Read what a start page shows',
  description: 'A greeting, the account, and counts of its live sessions and its houses.',
  response: {
    200: answer(Dashboard, 'What a start page shows.'),
    ...problems(...signedInProblems),
  },
}
