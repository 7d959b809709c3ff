import type { Operations, PersonRecord, TroubleWish } from './operations.ts'
import { totpCode } from './totp.ts'
import type {
  MailOwner,
  Passkey,
  Person,
  PersonWish,
  SignedIn,
  SignInOptions,
  TestLatchkey,
  Trouble,
} from './types.ts'

const MAIL_MS = 5000

type Needs = { url: string; operations: Operations; close: () => Promise<void> }

/** What a test uses, the same for a server in this process and for one beside it. */
export async function createKit({ url, operations, close }: Needs): Promise<TestLatchkey> {
  const clock = await clockOf(operations)
  const restore = () => operations.endTroubles()
  const aUser = async (wish: PersonWish = {}) => personOf(await operations.addPerson(wish))

  async function signedIn(
    who: Person | PersonWish = {},
    options: SignInOptions = {},
  ): Promise<SignedIn> {
    const user = 'id' in who ? who : await aUser(who)
    const session = await operations.openSession(user.id, options)
    const headers = { authorization: `Bearer ${session.accessToken}` }
    return { ...session, user, headers, fetch: fetchWith(url, headers) }
  }

  async function troubled(wish: TroubleWish): Promise<Trouble> {
    const id = await operations.startTrouble(wish)
    const end = () => operations.endTrouble(id)
    return { restore: end, [Symbol.asyncDispose]: end }
  }

  function passkeyOf(id: string): Passkey {
    return {
      create: (options) => operations.createCredential(id, options),
      get: (options) => operations.getCredential(id, options),
    }
  }

  function personOf({ passkey, ...person }: PersonRecord): Person {
    return { ...person, ...(passkey === undefined ? {} : { passkey: passkeyOf(passkey) }) }
  }

  return {
    ...{ url, clock, aUser, signedIn, restore, close },
    anAdmin: (wish = {}) => aUser({ ...wish, role: 'admin' }),
    mails: (to) => operations.mails(to && addressOf(to)),
    lastMail: (to, { after, timeoutMs = MAIL_MS } = {}) =>
      operations.lastMail(addressOf(to), after?.id, timeoutMs),
    totpCode: (of, at = clock.now()) => totpCode(secretOf(of), Number(at)),
    aPasskey: async () => passkeyOf(await operations.newPasskey()),
    dropNextResponse: (match = {}) => troubled({ kind: 'drop-next-response', ...match }),
    delay: (milliseconds, match = {}) => troubled({ kind: 'delay', milliseconds, ...match }),
    overload: () => troubled({ kind: 'overload' }),
    databaseAway: () => troubled({ kind: 'database-away' }),
    expireAccessTokens: async () => clock.set(await operations.expireAccessTokens()),
    revokeEverything: operations.revokeEverything,
    reset: async () => {
      await operations.reset()
      clock.set(await operations.now())
    },
    [Symbol.asyncDispose]: close,
  }
}

/** Follows the clock of the server, which runs as that of the machine does. */
async function clockOf(operations: Pick<Operations, 'now' | 'advance'>) {
  let ahead = (await operations.now()) - Date.now()

  function set(now: number): number {
    ahead = now - Date.now()
    return now
  }

  const advance = async (time: string) => set(await operations.advance(time))
  return { now: () => Date.now() + ahead, advance, set }
}

function addressOf(to: MailOwner): string {
  return typeof to === 'string' ? to : to.email
}

/** @throws Error for somebody who has no app */
function secretOf(of: string | Pick<Person, 'totp'>): string {
  if (typeof of === 'string') return of
  if (of.totp) return of.totp.secret
  throw new Error('This person has no authenticator app: create them with { totp: true }.')
}

function fetchWith(url: string, own: Record<string, string>): SignedIn['fetch'] {
  return (path, init = {}) => {
    const headers = new Headers(init.headers)
    for (const [name, value] of Object.entries(own)) {
      if (!headers.has(name)) headers.set(name, value)
    }
    // Below the path of PUBLIC_URL, which a URL would replace.
    const isPath = typeof path === 'string' && path.startsWith('/')
    return fetch(isPath ? `${url}${path}` : path, { ...init, headers })
  }
}
