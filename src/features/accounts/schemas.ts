import { Type } from 'typebox'
import { withChecks } from '../../http/checks.ts'
import {
  closed,
  Email,
  NewPassword,
  nullable,
  oneOf,
  Password,
  PersonName,
  problems,
  signedInOnly,
  signedInProblems,
  Username,
} from '../../http/schemas.ts'
import { SessionBody, UserView } from '../../http/session-answer.ts'
import type { Fault } from '../../platform/errors.ts'
import { passwordFaults } from '../../platform/password-policy.ts'

const Registration = closed({
  username: Username,
  email: Email,
  password: NewPassword,
  passwordConfirm: Type.Optional(Password),
  name: Type.Optional(PersonName),
  transport: Type.Optional(oneOf(['body', 'cookie'])),
})
const RegistrationBody = withChecks(Registration, (body) => {
  const { username, email, password, passwordConfirm } = body as Record<string, unknown>
  if (typeof password !== 'string') return []
  const faults = passwordFaults(password, { username, email }, '/password')
  return [...faults, ...mismatch(password, passwordConfirm)]
})

function mismatch(password: string, confirmation: unknown): Fault[] {
  if (typeof confirmation !== 'string' || confirmation === password) return []
  return [{ pointer: '/passwordConfirm', code: 'mismatch', detail: 'Must equal password.' }]
}

const Profile = closed({
  name: Type.Optional(nullable(PersonName)),
  email: Type.Optional(Email),
  username: Type.Optional(Username),
  currentPassword: Type.Optional(Password),
})
const ProfileBody = withChecks(Profile, (body) => {
  const { email, username, currentPassword } = body as Record<string, unknown>
  if (currentPassword !== undefined || (email === undefined && username === undefined)) return []
  const detail = 'Changing the e-mail address or the username needs the current password.'
  return [{ pointer: '/currentPassword', code: 'required', detail }]
})

const Removal = closed({ currentPassword: Password })

const Dashboard = closed({
  logged_in_as: Username,
  message: Type.String({ description: 'For people, not for programs.' }),
  user: UserView,
  activeSessions: Type.Integer({ minimum: 0, description: 'Live sessions of the user.' }),
  houses: Type.Integer({ minimum: 0, description: 'Houses that the user owns.' }),
})

export const registerSchema = {
  operationId: 'register',
  summary: 'Create an account and sign in',
  tags: ['Accounts'],
  consumes: ['application/json', 'application/x-www-form-urlencoded'],
  body: RegistrationBody,
  response: {
    201: SessionBody,
    ...problems(
      'validation_failed',
      'weak_password',
      'csrf_rejected',
      'username_taken',
      'email_taken',
    ),
  },
}

export const readMeSchema = {
  operationId: 'getMe',
  summary: 'Read your account',
  tags: ['Accounts'],
  security: signedInOnly,
  response: { 200: UserView, ...problems(...signedInProblems) },
}

export const updateMeSchema = {
  operationId: 'updateMe',
  summary: 'Change your name, e-mail address or username',
  tags: ['Accounts'],
  security: signedInOnly,
  body: ProfileBody,
  response: {
    200: UserView,
    ...problems(
      ...signedInProblems,
      'validation_failed',
      'invalid_credentials',
      'username_taken',
      'email_taken',
    ),
  },
}

export const deleteMeSchema = {
  operationId: 'deleteMe',
  summary: 'Delete your account and everything that belongs to it',
  tags: ['Accounts'],
  security: signedInOnly,
  body: Removal,
  response: {
    204: { description: 'The account is gone', type: 'null' },
    ...problems(...signedInProblems, 'validation_failed', 'invalid_credentials'),
  },
}

export const dashboardSchema = {
  operationId: 'getDashboard',
  summary: 'Read what a start page shows',
  tags: ['Accounts'],
  security: signedInOnly,
  response: { 200: Dashboard, ...problems(...signedInProblems) },
}
