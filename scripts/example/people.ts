/** Somebody of the example. */
export type Person = {
  username: string
  email: string
  name: string
  /** Why one would sign in as this person. */
  about: string
  isAdmin?: true
  hasApp?: true
  isUnverified?: true
}

/** The password of all of them. */
export const PASSWORD = 'correct horse battery staple'

export const PEOPLE: readonly Person[] = [
  {
    username: 'ada',
    email: 'ada@example.com',
    name: 'Ada',
    about: 'has notes, houses with photos, and sessions on other devices',
  },
  {
    username: 'grace',
    email: 'grace@example.com',
    name: 'Grace',
    about: 'is an administrator: see /admin',
    isAdmin: true,
  },
  {
    username: 'alan',
    email: 'alan@example.com',
    name: 'Alan',
    about: 'has an authenticator app, so the password is not enough',
    hasApp: true,
  },
  {
    username: 'hedy',
    email: 'hedy@example.com',
    name: 'Hedy',
    about: 'has not verified the address yet: the code is in the outbox',
    isUnverified: true,
  },
]

/** Somebody with an account at the demo provider. */
export type ProviderPerson = {
  claims: { email: string; email_verified: boolean; name: string; preferred_username: string }
  about: string
}

/** By their number at the provider. */
export const PROVIDER_PEOPLE: Readonly<Record<string, ProviderPerson>> = {
  barbara: personAt('barbara', true, 'is new: the sign-in makes an account'),
  ada: personAt('ada', true, 'has an account with the same verified address: the two are linked'),
  joan: personAt('joan', false, 'has not verified the address: a mail proves it first'),
}

function personAt(name: string, isVerified: boolean, about: string): ProviderPerson {
  const shown = name.replace(/^./, (letter) => letter.toUpperCase())
  const email = { email: `${name}@example.com`, email_verified: isVerified }
  return { claims: { ...email, name: shown, preferred_username: name }, about }
}
