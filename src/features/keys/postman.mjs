// Requests of this feature in the Postman collection; generators/postman-requests.mjs explains.

export const requests = {
  getJwks: { status: [200] },
  getOAuthMetadata: { status: [200] },
  getOpenIdMetadata: { status: [200] },
}
