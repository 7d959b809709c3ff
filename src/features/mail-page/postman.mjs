// The requests of this feature in the Postman collection (generators/postman-requests.mjs says how).

export const requests = { getMailPage: { status: [200] } }
