// Requests of this feature in the Postman collection; generators/postman-requests.mjs explains.

export const requests = { getRelatedOrigins: { status: [200] } }
