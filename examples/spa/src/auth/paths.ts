/** Where the pages are; `home` is the first one for people who are signed in. */
export const PATHS = {
  home: '/dashboard',
  signIn: '/sign-in',
  /** Where the browser comes back to from a provider. */
  provider: '/sign-in/provider',
  signInByMail: '/sign-in/code',
  register: '/register',
  verifyEmail: '/verify-email',
  forgotPassword: '/forgot-password',
  /** The server's setting MAIL_LINKS leads here. */
  mail: '/mail',
  goodbye: '/goodbye',
  account: '/account',
  profile: '/account/profile',
  email: '/account/email',
  password: '/account/password',
  methods: '/account/sign-in',
  addApp: '/account/sign-in/app',
  recovery: '/account/recovery-codes',
  sessions: '/account/devices',
  activity: '/account/activity',
  data: '/account/data',
  remove: '/account/delete',
  removed: '/account-deleted',
}

type Here = Pick<Location, 'origin' | 'search'>

/** The sign-in page, which leads back to the page that is open now. */
export function pathToSignIn(): string {
  const next = location.pathname + location.search
  return `${PATHS.signIn}?${new URLSearchParams({ next })}`
}

/** Where to go after a sign-in: a page of this application, whatever the address says. */
export function pathAfterSignIn({ origin, search }: Here = location): string {
  const next = new URLSearchParams(search).get('next') ?? ''
  if (!next.startsWith('/') || !URL.canParse(next, origin)) return PATHS.home
  const url = new URL(next, origin)
  return url.origin === origin ? url.pathname + url.search : PATHS.home
}
