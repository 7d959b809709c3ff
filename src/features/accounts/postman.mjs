// Requests of this feature in the Postman collection; generators/postman-requests.mjs explains.

export const requests = {
  register: { status: [201] },
  getMe: { status: [200] },
  updateMe: { status: [200] },
  getDashboard: { status: [200] },
}

export const last = {
  deleteMe: { status: [204], forget: ['accessToken', 'refreshToken', 'refreshAt', 'refreshKey'] },
}
