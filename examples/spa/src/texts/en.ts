export const en = {
  site: 'Latchkey',
  nav: {
    label: 'Main',
    dashboard: 'Dashboard',
    notes: 'Notes',
    houses: 'Houses',
    account: 'Account',
  },
  menu: 'Menu',
  welcome: {
    title: 'Your own place, with a good lock',
    lead: 'A sample application: notes that only you can see, houses with photos, and accounts that are hard to steal.',
    points: [
      [
        'Sign in as you like',
        'With a password, a passkey, a code from a mail, or an account that you have elsewhere.',
      ],
      [
        'Stay signed in',
        'Tabs share one session. It is renewed in time, and ends everywhere when you say so.',
      ],
      [
        'See what happens',
        'Every device and every step is in your account. What you do not know, you sign out.',
      ],
    ] as [string, string][],
  },
  notFound: {
    title: 'There is nothing here',
    lead: 'The address may be misspelt, or the page has moved.',
    home: 'To the start page',
  },
  footer: 'Sample application of Latchkey',
}
