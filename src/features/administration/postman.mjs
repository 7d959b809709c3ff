// Requests of this feature in the Postman collection; generators/postman-requests.mjs explains.
// Who is no administrator gets 403 from the first ones, and the others are skipped: they are about
// the account that `createUser` makes.

const OF_NEW_USER = { path: { id: '{{userId}}' }, needs: 'userId' }

export const requests = {
  getSummary: { status: [200, 403] },
  listUsers: { status: [200, 403] },
  createUser: {
    status: [201, 403],
    body: { username: '{{username}}-invited', email: '{{username}}@example.org' },
    keep: {
      userId: "pm.response.json().id ?? ''",
      userEtag: "pm.response.headers.get('ETag') ?? ''",
    },
  },
  getUser: { status: [200], ...OF_NEW_USER },
  updateUser: {
    status: [200],
    ...OF_NEW_USER,
    headers: { 'if-match': '{{userEtag}}' },
    body: { name: 'Ly Shark' },
  },
  listSessionsOfUser: {
    status: [200],
    ...OF_NEW_USER,
    keep: { userSessionId: "pm.response.json().items[0]?.id ?? ''" },
  },
  endSessionOfUser: {
    status: [204],
    path: { id: '{{userId}}', sid: '{{userSessionId}}' },
    needs: 'userSessionId',
  },
  endSessionsOfUser: { status: [200], ...OF_NEW_USER },
  unlockUser: { status: [204], ...OF_NEW_USER },
  removeFactorsOfUser: { status: [204], ...OF_NEW_USER },
  listIdentitiesOfUser: {
    status: [200],
    ...OF_NEW_USER,
    keep: { userIdentityId: "pm.response.json().items[0]?.id ?? ''" },
  },
  removeIdentityOfUser: {
    status: [204],
    path: { id: '{{userId}}', identityId: '{{userIdentityId}}' },
    needs: 'userIdentityId',
  },
  sendResetMail: { status: [202], ...OF_NEW_USER },
  listEvents: { status: [200, 403] },
}

export const last = {
  deleteUser: {
    status: [204],
    ...OF_NEW_USER,
    forget: ['userId', 'userEtag', 'userSessionId', 'userIdentityId'],
  },
}

export const sources = {
  userId: 'createUser',
  userSessionId: 'listSessionsOfUser',
  userIdentityId: 'listIdentitiesOfUser',
}

export const variables = ['userId', 'userEtag', 'userSessionId', 'userIdentityId']
