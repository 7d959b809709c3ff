// Requests of this feature in the Postman collection; generators/postman-requests.mjs explains.

export const requests = {
  getClient: { status: [200] },
  getPasskeysClient: { status: [200] },
  getProvidersClient: { status: [200] },
}
