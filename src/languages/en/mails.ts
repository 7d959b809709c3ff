import { accountMails } from './mail-accounts.ts'
import { addressMails } from './mail-addresses.ts'
import { codeMails } from './mail-codes.ts'
import { factorMails } from './mail-factors.ts'
import { identityMails } from './mail-identities.ts'

/** By kind: the texts of mails. */
export const mails = {
  ...codeMails,
  ...addressMails,
  ...accountMails,
  ...factorMails,
  ...identityMails,
}

/** What all mails are made with. */
export const mailWords = {
  /** The names of facts. */
  when: 'When',
  device: 'From',
  left: 'Codes left',
  /** Between a name and what it names. */
  colon: ': ',
  /** Between the device and its address. */
  comma: ', ',
  programOn: (program: string, system: string) => `${program} on ${system}`,
  /** The locale that writes dates, and what makes them a time in UTC. */
  dates: 'en-GB',
  utc: (time: string) => `${time} UTC`,
}
