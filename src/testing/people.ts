import { randomBytes, randomUUID } from 'node:crypto'
import { amrOf } from '../contract/authentication.ts'
import type { GivenProof } from '../features/challenges/purpose.ts'
import { base32, otpauthUri } from '../features/factor-settings/otpauth-uri.ts'
import type { User } from '../features/users/user.ts'
import { isUniqueViolation, type Transaction } from '../platform/database/database.ts'
import { inTransaction } from '../platform/database/transactions.ts'
import { describeDevice } from '../platform/device.ts'
import { NotFound } from '../platform/errors/table.ts'
import type { UserId } from '../platform/ids.ts'
import { controlSchemas } from './control-schemas.ts'
import type { Host } from './host.ts'
import type { PersonRecord, SessionRecord } from './operations.ts'
import { refused } from './refusal.ts'
import type { Cookie, PersonWish, SignInOptions } from './types.ts'

const PASSWORD = 'correct horse battery staple'
const NONCE_BYTES = 32
const DEVICE = describeDevice('127.0.0.1', 'latchkey/testing')

/** A test in JavaScript has no compiler that would say it. */
function refuseUnknown(wish: PersonWish): void {
  const name = Object.keys(wish).find((key) => !(key in controlSchemas.person.body.properties))
  if (name !== undefined) throw refused(`"${name}" is not a wish.`, `/${name}`)
}

/** Creates an account behind the back of the server: nothing is mailed, no limit counts it. */
export async function addPerson(host: Host, wish: PersonWish): Promise<PersonRecord> {
  refuseUnknown(wish)
  const { users } = host.latchkey.services
  const username = wish.username ?? `user-${randomUUID().slice(0, 8)}`
  const { email = `${username}@example.com`, password = PASSWORD, role = 'user' } = wish
  const { name = null, emailVerified = true, totp = false } = wish
  const hash = await host.hash(password)
  const user = {
    ...users.newUser({ username, email, name }, hash, new Date(host.clock())),
    ...{ role, emailVerified, secondFactor: totp, lastSignInAt: null },
  }
  const app = totp ? newApp(host, user) : undefined
  const passkey = wish.passkey ? await newPasskey(host, user) : undefined
  const { client: db } = host.latchkey.database
  await inTransaction(db, async (tx) => {
    await users.create(tx, user)
    await app?.insert(tx)
    await passkey?.insert(tx)
  }).catch((error) => {
    if (isUniqueViolation(error)) return users.throwTaken(error, user)
    throw error
  })
  return {
    ...{ id: user.id, username, email, name, role, password },
    ...(app && { totp: app.shown }),
    ...(passkey && { passkey: passkey.id }),
  }
}

function newApp({ latchkey: { services }, site }: Host, { id, username }: User) {
  const { seeds, factorStore } = services
  const seed = seeds.newSeed()
  const sealed = seeds.seal(seed, id)
  const secret = base32(seed)
  return {
    shown: { secret, uri: otpauthUri({ issuer: site.host, account: username, secret }) },
    insert: (tx: Transaction) =>
      factorStore.insert(tx, id, { kind: 'totp', secret: sealed, counter: 0n }),
  }
}

async function newPasskey({ latchkey: { services }, passkeys, site }: Host, user: User) {
  const nonce = randomBytes(NONCE_BYTES).toString('base64url')
  const { creation } = services.passkeys.options
  const id = passkeys.add()
  const credential = passkeys.create(id, creation(nonce, user, []), site.origin)
  // A new passkey is checked by these two alone.
  const given = { proof: JSON.stringify(credential), nonce: () => nonce } as GivenProof
  const factor = (await services.passkeys.newProof(given))?.factor
  if (!factor) throw refused('PUBLIC_URL: passkeys need a domain, such as http://localhost:3000')
  const insert = (tx: Transaction) => services.factorStore.insert(tx, user.id, factor)
  return { id, insert }
}

/** Opens a session as a sign-in with all factors of the account does. @throws NotFound */
export async function openSession(
  { latchkey: { services }, site }: Host,
  userId: string,
  { transport = 'body' }: SignInOptions,
): Promise<SessionRecord> {
  const user = await services.users.findOpen(userId as UserId)
  if (!user) throw NotFound({ detail: 'There is no such account, or it is closed.' })
  const amr = user.secondFactor ? amrOf(['pwd'], ['otp']) : 'pwd'
  const issued = await services.sessions.open(user, { transport, device: DEVICE, amr })
  if (!issued) throw NotFound({ detail: 'The account has changed meanwhile.' })
  const { session, accessToken, refreshToken, expiresIn } = issued
  const { refresh: name, attributes } = services.browsers.cookies
  const { httpOnly, secure, path } = attributes
  const cookie: Cookie = {
    ...{ name, value: refreshToken, domain: site.hostname, path, httpOnly, secure },
    sameSite: 'Strict',
  }
  const cookies = transport === 'cookie' ? [cookie] : []
  return { sessionId: session.id, accessToken, refreshToken, expiresIn, cookies }
}
