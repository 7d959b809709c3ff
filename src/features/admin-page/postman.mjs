// Requests of this feature in the Postman collection; generators/postman-requests.mjs explains.

export const requests = { getAdminPage: { status: [200] } }
