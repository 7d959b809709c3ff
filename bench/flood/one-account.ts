// One account that signs in again and again with its right password, and what the others get.
import { Agent } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { startHelper } from '../support/helper.ts'
import { timed } from '../support/interleaved.ts'
import {
  exchange,
  PASSWORD,
  type Person,
  post,
  register,
  registerEach,
} from '../support/requests.ts'
import type { Flood, Flooded, SignIn } from './sign-ins.ts'

const CONNECTIONS = 170
const OTHERS = 16
/** From one answer until the next sign-in of the same person. */
const PAUSE_MS = 1000

/** Sign-ins of the others beside one account, and how that one fared. */
export type Beside = {
  what: string
  /** Milliseconds of each sign-in that succeeded. */
  served: number[]
  refused: number
  flooded: Flooded
}

type Wave = { what: string; floodFrom: (at: number) => string; othersFrom: (at: number) => string }

const waves: Wave[] = [
  {
    what: 'from one network, which is that of the others',
    floodFrom: () => '198.51.100.1',
    othersFrom: () => '198.51.100.1',
  },
  {
    what: 'from 170 networks',
    floodFrom: (at) => `203.0.113.${at}`,
    othersFrom: (at) => `198.51.100.${at + 1}`,
  },
]

/** Floods a server that trusts `X-Forwarded-For`, without rate limits that would stop it. */
export async function floodOneAccount(base: string, ms: number): Promise<Beside[]> {
  const account = await register(base, 'one-account')
  const others = await registerEach(base, 'beside', OTHERS)
  const { headers } = await exchange(base, signInOf(account))
  const [cookie = ''] = headers['set-cookie']?.[0]?.split(';', 1) ?? []
  const flood = startHelper<Flood, Flooded>(new URL('./sign-ins.ts', import.meta.url))
  const beside: Beside[] = []
  for (const { what, floodFrom, othersFrom } of waves) {
    const signIns = Array.from({ length: CONNECTIONS }, (_, at): SignIn => {
      // The cookie makes the device a known one.
      const from = { 'x-forwarded-for': floodFrom(at), cookie }
      return { username: account.username, password: PASSWORD, headers: from }
    })
    const flooding = flood.ask({ base, signIns, connections: CONNECTIONS, ms })
    await pause(PAUSE_MS)
    const end = performance.now() + ms - 2 * PAUSE_MS
    const answers = await Promise.all(
      others.map((person, at) => keepSigningIn(base, person, othersFrom(at), end)),
    )
    const served = answers.flat().filter(({ status }) => status === 200)
    beside.push({
      what,
      served: served.map((one) => one.ms),
      refused: answers.flat().length - served.length,
      flooded: await flooding,
    })
  }
  flood.stop()
  return beside
}

async function keepSigningIn(base: string, person: Person, from: string, end: number) {
  const agent = new Agent({ keepAlive: true })
  const signIn = signInOf(person, { 'x-forwarded-for': from })
  const answers: { status: number; ms: number }[] = []
  await pause(Math.random() * PAUSE_MS)
  while (performance.now() < end) {
    answers.push(await timed(async () => (await exchange(base, signIn, agent)).status))
    await pause(PAUSE_MS)
  }
  agent.destroy()
  return answers
}

function signInOf({ username }: Person, headers = {}) {
  return post('/login', { username, password: PASSWORD }, headers)
}
