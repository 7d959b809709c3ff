// Requests of this feature in the Postman collection; generators/postman-requests.mjs explains.

const BY_ID = { path: { id: '{{factorId}}' }, needs: 'factorId' }

export const walk = {
  name: 'Second factor',
  description:
    'Add an authenticator app, sign in with the password and a recovery code, and remove the app. A server with mails asks for a verified address first: without one, the requests are skipped.',
  steps: [
    {
      operation: 'beginChallenge',
      name: 'Begin to add an authenticator app',
      status: [201, 401],
      body: { purpose: 'add_totp' },
      keep: { challenge: 'pm.response.json().token', appSecret: 'pm.response.json().totp.secret' },
    },
    {
      ...answer('Add the app with its first code', 'appSecret', 'totp', '{{appCode}}'),
      status: [201],
      keep: {
        factorId: 'pm.response.json().id',
        recoveryCode: 'pm.response.json().recoveryCodes[0]',
      },
    },
    { operation: 'listFactors', status: [200] },
    { operation: 'renameFactor', status: [200], ...BY_ID },
    {
      operation: 'login',
      name: 'Sign in with the password, and get a challenge',
      status: [401],
      needs: 'factorId',
      keep: { challenge: 'pm.response.json().challenge.token' },
    },
    answer('Sign in with a recovery code', 'factorId', 'recovery_code', '{{recoveryCode}}'),
    { operation: 'makeRecoveryCodes', status: [201], needs: 'factorId' },
    {
      operation: 'removeFactor',
      status: [204],
      ...BY_ID,
      forget: ['factorId', 'appSecret', 'appCode', 'recoveryCode', 'challenge'],
    },
  ],
}

export const variables = ['factorId', 'appSecret', 'appCode', 'recoveryCode']

function answer(name, needs, method, code) {
  return {
    operation: 'answerChallenge',
    name,
    status: [200],
    needs,
    headers: { 'idempotency-key': '{{$randomUUID}}' },
    body: { challenge: '{{challenge}}', method, code },
    given: { setsPassword: false, usesApp: method === 'totp' },
  }
}
