// Requests of this feature in the Postman collection; generators/postman-requests.mjs explains.

export const requests = { getLive: { status: [200] }, getReady: { status: [200] } }
