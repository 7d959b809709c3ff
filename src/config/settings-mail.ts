import { folder, oneOf, onOrOff, publicUrl } from './readers.ts'
import { optionalSetting, setting } from './setting.ts'
import { sender, smtpUrl } from './smtp-url.ts'

/** Settings of mail: the relay, the sender, links and texts. */
export const mailSettings = {
  smtp: setting('SMTP_URL', {
    default: '',
    mayBeEmpty: true,
    isSecret: true,
    read: smtpUrl,
    description:
      'The relay that mails are handed to ([mail.md](mail.md)): `smtps://user:password@host:465` for TLS from the start, `smtp://user:password@host:587` for STARTTLS (percent-encode special characters). In production the way to a relay on another machine is encrypted, and its certificate checked, always; `NODE_EXTRA_CA_CERTS=ca.pem` makes Node.js trust an authority of your own. Without this setting, mails are files in `outbox` beside `UPLOADS_DIR` in development, and there are none in production.',
  }),
  from: optionalSetting('MAIL_FROM', {
    defaultNote: '`no-reply@` and the host of `PUBLIC_URL`',
    read: sender,
    description:
      'Who mails are from: `no-reply@example.org`, or `Example <no-reply@example.org>`. In production it must be set along with `SMTP_URL`.',
  }),
  links: optionalSetting('MAIL_LINKS', {
    defaultNote: '`PUBLIC_URL` and `/mail`',
    read: publicUrl,
    description:
      'The page that links in mails lead to, such as one of your frontend. What it needs comes in the fragment: `#purpose=…&challenge=…&code=…`, which no server sees. In production it is https, unless on this machine.',
  }),
  verification: setting('EMAIL_VERIFICATION', {
    default: 'optional',
    read: oneOf('off', 'optional', 'required'),
    description:
      '`optional` mails a code to the address of a new account, and to a new address that replaces one that is not verified; the account can be used without it. `off` mails none unasked. With `required` a registration signs nobody in before the code comes back, nor does the password of an account whose address is not verified ([sign-in-codes.md](sign-in-codes.md)); in production it needs `SMTP_URL`. In each case users can ask for a code, and a verified address changes only when the new one is confirmed ([email.md](email.md)). Without mails none of this is there.',
  }),
  signInByMail: setting('SIGN_IN_BY_MAIL', {
    default: 'off',
    read: onOrOff,
    description:
      'With `on`, users can sign in without a password, by a code that is mailed to their verified address ([sign-in-codes.md](sign-in-codes.md)). This breaks ASVS 5.0 6.3.6, which does not allow e-mail as a factor: anyone who reads the mailbox has the account.',
  }),
  templates: optionalSetting('MAIL_TEMPLATES', {
    defaultNote: 'none',
    read: folder,
    description:
      'Folder with your own texts for single mails ([mail.md](mail.md) says how). A text that is wrong stops the start.',
  }),
}
