// Requests of this feature in the Postman collection; generators/postman-requests.mjs explains.

const OLD = '{{username}}@example.com'
const NEW = '{{username}}@example.net'
const KEEPS = { keep: { challenge: 'pm.response.json().token' } }

export const walk = {
  name: 'Mail and recovery',
  description:
    'Verify the address, reset a lost password, move to another address and undo that, with the mails that a server in development keeps. Any other server has no outbox, so the requests with a code are skipped.',
  steps: [
    {
      operation: 'beginChallenge',
      name: 'Ask for a code for the address',
      status: [201, 404],
      body: { purpose: 'verify_email' },
      ...KEEPS,
    },
    { operation: 'resendChallenge', status: [202], needs: 'challenge' },
    read('Read the mail with the code for the address', 'verify_email', OLD),
    answer('Verify the address with its code'),
    {
      operation: 'beginChallenge',
      name: 'Begin to reset a lost password',
      status: [201, 404],
      body: { purpose: 'reset_password', login: '{{username}}' },
      ...KEEPS,
    },
    read('Read the mail of the reset', 'reset_password', OLD),
    answer('Choose a new password with its code', { newPassword: '{{newPassword}}' }),
    { operation: 'login', name: 'Sign in with the new password', status: [200] },
    {
      operation: 'updateMe',
      name: 'Move to another address',
      status: [200],
      body: { email: NEW, currentPassword: '{{password}}' },
    },
    read('Read the mail to the new address', 'verify_email', NEW),
    answer('Confirm the new address with its code'),
    read('Read the notice to the old address', 'undo_email', OLD),
    answer('Undo the change with its code', { newPassword: '{{newPassword}}' }),
    { operation: 'login', name: 'Sign in after the undoing', status: [200] },
  ],
}

export const variables = ['challenge', 'mailedCode', 'readMails']

export const fields = { challenge: '{{challenge}}' }

function read(name, purpose, to) {
  return { operation: 'getOutbox', name, status: [200, 404], query: { to }, given: { purpose } }
}

function answer(name, more = {}) {
  return {
    operation: 'answerChallenge',
    name,
    status: [200],
    needs: 'mailedCode',
    headers: { 'idempotency-key': '{{$randomUUID}}' },
    body: { challenge: '{{challenge}}', method: 'mail_code', code: '{{mailedCode}}', ...more },
    given: { setsPassword: 'newPassword' in more, usesApp: false },
    forget: ['challenge', 'mailedCode'],
  }
}
