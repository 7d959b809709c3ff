import { type Static, Type } from 'typebox'
import { AdminUserView } from '../../contract/admin-user.ts'
import { exampleIds } from '../../contract/ids.ts'
import { cursor, cursorPage, pageSize } from '../../contract/paging.ts'
import { passwordIssues } from '../../contract/password-policy.ts'
import { TRIM, withRefinement } from '../../contract/refinements.ts'
import {
  nullable,
  oneOf,
  response,
  strictObject,
  text,
  withReadOnly,
} from '../../contract/schema.ts'
import { Email, NewPassword, PersonName, Username } from '../../contract/user.ts'
import { WriteConditions } from '../../http/headers/conditional.ts'
import { etag, header, ifMatch } from '../../http/resource-parts.ts'
import { adminProblems, shared, UserParams, writeProblems } from './shared-schemas.ts'

const SORTS = ['-createdAt', 'createdAt', 'username', '-username'] as const
const STATUSES = ['active', 'disabled', 'unverified'] as const

const Role = oneOf(['user', 'admin'], {
  description: 'An `admin` looks after all accounts, and may change what belongs to others.',
  example: 'user',
})

export const listUsersSchema = {
  ...shared,
  operationId: 'listUsers',
  summary: 'List and search accounts, by cursor',
  description:
    'Without a filter the answer is equally fast at any depth, and accounts that come and go shift nothing. An id or a whole address in `q` is found by an index. Any other text, and a status, scan the accounts in slices; a request that needs more than 5 seconds is refused with `overloaded`. Accounts that are being deleted are not listed.',
  querystring: strictObject({
    q: Type.Optional(
      Type.Unsafe<string>({
        ...text(254, {
          description:
            'An id or an e-mail address; else a part of a username, an address or a name, without regard to case. `%`, `_` and `*` stand for themselves.',
          example: '@example.com',
        }),
        [TRIM]: true,
      }),
    ),
    role: Type.Optional(Role),
    status: Type.Optional(
      oneOf(STATUSES, {
        description:
          '`active`: not disabled. `unverified`: not disabled, and the address is not verified.',
        example: 'active',
      }),
    ),
    sort: Type.Optional(
      oneOf(SORTS, {
        description: 'Descending with `-`. The default is `-createdAt`.',
        example: 'username',
      }),
    ),
    cursor: cursor(
      'Empty to start, then `nextCursor` of the previous answer, with the same sort and filters.',
    ),
    size: pageSize('Accounts'),
  }),
  response: {
    200: response(
      cursorPage(AdminUserView, {
        ...{ names: 'accounts', title: 'AdminUserList', description: 'A part of the list.' },
      }),
      'The accounts.',
    ),
    ...adminProblems(),
  },
}

export const readUserSchema = {
  ...shared,
  operationId: 'getUser',
  summary: 'Read an account',
  description: 'Never shows a password hash, a token or a secret.',
  params: UserParams,
  response: { 200: response(AdminUserView, 'The account.', etag(1)), ...adminProblems() },
}

const NewUser = strictObject(
  {
    username: Username,
    email: Email,
    name: Type.Optional(PersonName),
    role: Type.Optional(Role),
    password: Type.Optional(
      Type.Unsafe<string>({
        ...NewPassword,
        description:
          'As at `POST /register`. Leave it out to invite the owner by mail, who chooses one.',
      }),
    ),
  },
  { title: 'AdminUserInput', description: 'A new account.' },
)
export type NewUser = Static<typeof NewUser>

const NewUserBody = withRefinement(NewUser, ({ username, email, password }) =>
  typeof password === 'string' ? passwordIssues(password, { username, email }, '/password') : [],
)

export const createUserSchema = {
  ...shared,
  operationId: 'createUser',
  summary: 'Create an account, or invite somebody',
  description:
    'Works with any value of `REGISTRATION`, and opens no session. Without `password` the owner gets a mail with a link and a code (`accept_invite`) and chooses one within 7 days; an account that nobody accepts until then is deleted. With `password` the address is not verified.',
  body: NewUserBody,
  'x-examples': {
    request: {
      invitation: { summary: 'By mail', omit: ['password'] },
      password: { summary: 'With a password', omit: ['name', 'role'] },
    },
  },
  response: {
    201: response(AdminUserView, 'The account.', {
      ...header('Location', 'The path of the account.', `/admin/users/${exampleIds.user}`),
      ...etag(1),
    }),
    ...writeProblems('weak_password', 'username_taken', 'email_taken'),
  },
}

const UserChanges = strictObject(
  {
    role: Type.Optional(Role),
    disabled: Type.Optional(
      Type.Boolean({
        description: 'True ends all sessions, and nobody can sign in; false takes that back.',
        example: false,
      }),
    ),
    name: Type.Optional(nullable(PersonName)),
    email: Type.Optional(Email),
    emailVerified: Type.Optional(
      Type.Boolean({
        description:
          'Whether the address counts as confirmed. Another address does not, unless this says so.',
        example: true,
      }),
    ),
  },
  {
    title: 'AdminUserPatch',
    description: 'Fields that you leave out do not change. Read-only fields are ignored.',
  },
)
export type UserChanges = Static<typeof UserChanges>

export const updateUserSchema = {
  ...shared,
  operationId: 'updateUser',
  summary: 'Change an account',
  description: `Changes the fields that you send and no others, all at once. A role holds as soon as the tokens of the owner are refreshed, within 2 seconds. Another address holds at once; a verified old one gets a notice that can undo the change. ${ifMatch('account', 'nothing changes')} Nobody changes a role of their own, and the last administrator stays one.`,
  params: UserParams,
  headers: WriteConditions,
  body: withReadOnly(AdminUserView, UserChanges),
  'x-examples': {
    request: {
      role: { summary: 'Another role', omit: ['disabled', 'name', 'email', 'emailVerified'] },
      disabled: { summary: 'Disable', omit: ['role', 'name', 'email', 'emailVerified'] },
      email: { summary: 'Another address', omit: ['role', 'disabled', 'name'] },
    },
    200: { user: { summary: 'The next version', set: { version: 2 } } },
  },
  response: {
    200: response(AdminUserView, 'The account as it is now.', etag(2)),
    ...writeProblems('last_admin', 'email_taken', 'precondition_failed'),
  },
}

export const deleteUserSchema = {
  ...shared,
  operationId: 'deleteUser',
  summary: 'Delete an account and everything that belongs to it',
  description: `Its sessions end, its names are free again, and the owner gets a mail. ${ifMatch('account', 'nothing is deleted')} Administrators delete their own account at \`DELETE /me\`: here it is 403.`,
  params: UserParams,
  headers: WriteConditions,
  response: {
    204: { description: 'The account is deleted.', type: 'null' },
    ...writeProblems('last_admin', 'precondition_failed'),
  },
}
