// Requests of this feature in the Postman collection; generators/postman-requests.mjs explains.

export const requests = { listActivity: { status: [200] }, exportMe: { status: [200] } }
