// Requests of this feature in the Postman collection; generators/postman-requests.mjs explains.

export const requests = {
  refresh: {
    status: [200],
    hasOwnToken: true,
    headers: { 'idempotency-key': '{{refreshKey}}' },
  },
  listSessions: {
    status: [200],
    keep: { sessionId: "pm.response.json().items.find(({ current }) => !current)?.id ?? ''" },
  },
  revokeSession: { status: [204], path: { id: '{{sessionId}}' }, forget: ['sessionId'] },
  revokeOtherSessions: { status: [200] },
}

export const last = {
  logout: {
    status: [200],
    hasBody: false,
    forget: ['accessToken', 'refreshToken', 'refreshAt', 'refreshKey'],
  },
}

export const sources = { sessionId: 'listSessions' }

export const variables = ['sessionId']
