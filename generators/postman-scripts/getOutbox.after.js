// Only a server in development has an outbox; elsewhere the steps that need a code are skipped.
import { newMail } from './outbox.js'

/** In characters: what is older is no longer in the outbox. */
const MOST = 4000

const mail = newMail(pm.response, purpose)
if (pm.response.code === 200) pm.test('has the mail', () => pm.expect(mail).to.be.an('object'))
store.set('challenge', mail ? mail.challenge : '')
store.set('mailedCode', mail ? mail.code : '')
if (mail) store.set('readMails', `${store.get('readMails')} ${mail.id}`.slice(-MOST))
