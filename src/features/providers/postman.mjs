// Requests of this feature in the Postman collection; generators/postman-requests.mjs explains.
// A provider signs people in with a browser: without one nobody comes back from it.

export const requests = {
  listProviders: { status: [200] },
  returnFromProvider: { status: [404, 410], path: { provider: 'google' } },
  returnFromProviderByForm: { status: [404, 410], path: { provider: 'apple' } },
  listIdentities: { status: [200], keep: { identityId: "pm.response.json().items[0]?.id ?? ''" } },
  removeIdentity: {
    status: [204],
    path: { id: '{{identityId}}' },
    needs: 'identityId',
    forget: ['identityId'],
  },
}

export const sources = { identityId: 'listIdentities' }

export const variables = ['identityId']
