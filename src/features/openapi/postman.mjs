// Requests of this feature in the Postman collection; generators/postman-requests.mjs explains.

export const requests = { getOpenApiJson: { status: [200] }, getOpenApiYaml: { status: [200] } }
