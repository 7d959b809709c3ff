import { networks, oneOf, onOrOff } from './readers.ts'
import { setting } from './setting.ts'

/** Settings of who may have an account, and of those who look after accounts. */
export const administrationSettings = {
  registration: setting('REGISTRATION', {
    default: 'open',
    read: oneOf('open', 'invite', 'closed'),
    description:
      'Who may create an account: `open` means everybody, `invite` only people whom an administrator invites by mail, `closed` nobody. With the last two, `POST /register` is 403 `registration_closed`; administrators and the command line create accounts in any case.',
  }),
  administration: {
    hasPage: setting('ADMIN_PAGE', {
      default: 'on',
      read: onOrOff,
      description:
        '`off` answers 404 at `/admin`, the page for administrators ([administration.md](administration.md)). The API below `/admin/` stays.',
    }),
    networks: setting('ADMIN_NETWORKS', {
      default: '',
      mayBeEmpty: true,
      read: networks,
      description:
        'Addresses or CIDR ranges from which administrators work, separated by commas: `10.0.0.0/8,2001:db8::/32`. For all others everything at and below `/admin` is 404. Empty means from everywhere. Behind a proxy it needs `TRUST_PROXY`.',
    }),
  },
}
