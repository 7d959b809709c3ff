import { setTimeout as sleep } from 'node:timers/promises'
import * as OTPAuth from 'otpauth'
import { createLatchkey, type Latchkey } from '../../client/src/index.ts'
import { someHouses, someNotes } from './content.ts'
import type { Made } from './folder.ts'
import { PASSWORD, PEOPLE, type Person } from './people.ts'
import { picture } from './pictures.ts'

// Fills an empty server through its public API, as a person with a browser would.

const MAIL_PATIENCE_MS = 20_000
const APP_STEP_MS = 30_000
const DESKTOP =
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15'
const PHONE =
  'Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Mobile Safari/537.36'

type Needs = {
  /** Where the API listens. */
  api: string
  /** Makes somebody an administrator, as operators do. */
  promote: (username: string) => Promise<void>
}

/** Makes the people and what they have. @returns what one has to know about it later */
export async function fill({ api, promote }: Needs): Promise<Made> {
  const clients = await Promise.all(PEOPLE.map((person) => registered(api, person)))
  const uris = await Promise.all(
    PEOPLE.map(async (person, index) => {
      const client = clients[index] as Latchkey
      if (!person.isUnverified) await verify(api, client, person)
      return person.hasApp ? addApp(client) : undefined
    }),
  )
  for (const { username, isAdmin } of PEOPLE) if (isAdmin) await promote(username)
  const [ada, grace] = clients as [Latchkey, Latchkey]
  await write(ada, { notes: 27, letters: 'GD', houses: 18 })
  await write(grace, { notes: 3, letters: 'SH', houses: 9 })
  await liveALittle(api, ada)
  await Promise.all(clients.slice(1).map((client) => client.signOut()))
  return { totpUri: uris.find((uri) => uri !== undefined) ?? '' }
}

/** @param userAgent what lists of sessions show */
function clientFor(api: string, userAgent = DESKTOP): Latchkey {
  return createLatchkey({
    baseUrl: api,
    fetch: (request) => {
      request.headers.set('user-agent', userAgent)
      return fetch(request)
    },
  })
}

async function registered(api: string, { username, email, name }: Person): Promise<Latchkey> {
  const client = clientFor(api)
  await client.register({ username, email, name, password: PASSWORD })
  return client
}

/** With the code of the mail that the registration has sent. @throws Error */
async function verify(api: string, client: Latchkey, { email }: Person): Promise<void> {
  const deadline = Date.now() + MAIL_PATIENCE_MS
  while (Date.now() < deadline) {
    const link = await linkOfMail(api, email)
    const [challenge, code] = ['challenge', 'code'].map((name) => link?.get(name))
    if (challenge && code) return void (await client.verifyEmail({ challenge, code }))
    await sleep(100)
  }
  throw new Error(`No mail came to ${email}.`)
}

async function linkOfMail(api: string, to: string): Promise<URLSearchParams | undefined> {
  const answer = await fetch(`${api}/outbox?to=${encodeURIComponent(to)}`, {
    headers: { accept: 'application/json' },
  })
  const { items } = (await answer.json()) as { items: { text: string }[] }
  const fragment = items.map(({ text }) => /#(purpose=verify_email\S+)/.exec(text)?.[1])
  return fragment[0] === undefined ? undefined : new URLSearchParams(fragment[0])
}

/** @returns the address that an authenticator app understands */
async function addApp(client: Latchkey): Promise<string> {
  const { uri, confirm } = await client.factors.addTotp()
  const app = OTPAuth.URI.parse(uri)
  // The code before this one, so that the one that is shown can still be used.
  await confirm(app.generate({ timestamp: Date.now() - APP_STEP_MS }), 'Phone')
  return uri
}

type Amounts = { notes: number; letters: string; houses: number }

/** One after the other, so that lists have an order; the first houses get photos. */
async function write(client: Latchkey, { notes, letters, houses }: Amounts): Promise<void> {
  for (const body of someNotes(notes).reverse()) must(await client.api.POST('/notes', { body }))
  for (const [index, body] of someHouses(letters, houses).reverse().entries()) {
    const { id } = must(await client.api.POST('/houses', { body }))
    const left = houses - index
    for (let photo = 0; photo < 4 - left; photo++) {
      const file = new Blob([new Uint8Array(await picture(left + photo))], { type: 'image/jpeg' })
      await client.upload(`/houses/${id}/photos`, file)
    }
  }
}

/** Something for the lists of sessions and of activity: a phone, and somebody who guesses. */
async function liveALittle(api: string, ada: Latchkey): Promise<void> {
  const credentials = { username: 'ada', password: PASSWORD }
  await clientFor(api, PHONE).signIn(credentials)
  await clientFor(api, PHONE)
    .signIn({ ...credentials, password: 'not this one' })
    .catch(() => undefined)
  must(await ada.api.PATCH('/me', { body: { name: 'Ada', currentPassword: PASSWORD } }))
}

/** @throws Error with what the server says */
function must<Data>({ data, error }: { data?: Data; error?: { detail: string } }): Data {
  if (data === undefined) throw new Error(`The demo data could not be made: ${error?.detail}`)
  return data
}
