// Requests of this feature in the Postman collection; generators/postman-requests.mjs explains.

export const requests = {
  listProblems: { status: [200] },
  getProblem: { status: [200], path: { code: 'invalid_credentials' } },
}
