// The requests of this feature in the Postman collection (generators/postman-requests.mjs says how).

export const requests = {
  beginChallenge: { status: [201], keep: { challenge: 'pm.response.json().token' } },
  resendChallenge: { status: [202] },
  // 401 until you replace the code by the one of the mail.
  answerChallenge: { status: [200, 401] },
}

export const sources = { challenge: 'beginChallenge' }

export const variables = ['challenge']

export const fields = { login: '{{username}}', challenge: '{{challenge}}' }
