import { setTimeout as sleep } from 'node:timers/promises'
import { type Opened, PASSWORD } from '../../support/factories.ts'
import { call, type ServerProcess } from '../../support/process.ts'
import { NEW_PASSWORD, type Registered, registered } from '../../support/server-processes.ts'

const AT_ONCE = 3
/**
 * At each of two nodes. Together they stay below the most sessions that a person has, or they would
 * end the session that changes the password.
 */
const SESSIONS_AT_MOST = 45

export type Race = {
  rounds: number
  /** Sessions that were opened with the old password while it changed. */
  opened: number
  /** Those of them that still refreshed afterwards. */
  survived: number
  /** How many answers of each kind, such as `PUT /password 503`. */
  answers: Map<string, number>
  lastedMs: number
}

type Servers = readonly [ServerProcess, ServerProcess, ServerProcess]

/**
 * Signs in with the old password at two nodes without a pause, while it changes at the third. Each
 * round ends with the change.
 */
export async function raceForPasswords(servers: Servers, rounds: number): Promise<Race> {
  const race: Race = { rounds: 0, opened: 0, survived: 0, answers: new Map(), lastedMs: 0 }
  const began = performance.now()
  const run = async () => {
    while (race.rounds < rounds) {
      race.rounds++
      await playRound(servers, race)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, run))
  race.lastedMs = performance.now() - began
  return race
}

async function playRound([first, second, third]: Servers, race: Race): Promise<void> {
  const person = await registered(third)
  const attacks = [first, second].map((server) => signInUntilStopped(server, person, race))
  await sleep(100 * Math.random())
  await changePassword(third, person, race)
  await sleep(100)
  const sessions = (await Promise.all(attacks.map(({ stop }) => stop()))).flat()
  race.opened += sessions.length
  for (const { refresh_token } of sessions) {
    const body = { refresh_token }
    const { status } = await asked(race, first, ['POST', '/refresh'], { body })
    if (status === 200) race.survived++
  }
}

/** Repeats the change until it is done, as a client does. */
async function changePassword(server: ServerProcess, person: Registered, race: Race) {
  const body = { currentPassword: PASSWORD, newPassword: NEW_PASSWORD }
  const given = { token: person.access_token, body }
  let status = 503
  while (status === 503) ({ status } = await asked(race, server, ['PUT', '/password'], given))
  if (status !== 200) throw new Error(`the password was not changed: ${status}`)
}

function signInUntilStopped(server: ServerProcess, { username }: Registered, race: Race) {
  const sessions: Opened[] = []
  let isStopped = false
  const signIn = async () => {
    const body = { username, password: PASSWORD }
    const answer = await asked(race, server, ['POST', '/login'], { body })
    if (answer.status === 200) sessions.push(answer.body as Opened)
  }
  const loop = (async () => {
    while (!isStopped && sessions.length < SESSIONS_AT_MOST) await signIn()
  })()
  const stop = async () => {
    isStopped = true
    await loop
    return sessions
  }
  return { stop }
}

/** One request, and its answer counted. */
async function asked(
  { answers }: Race,
  server: ServerProcess,
  [method, path]: [string, string],
  given: Parameters<typeof call>[3],
) {
  const answer = await call(server, method, path, given)
  const kind = `${method} ${path} ${answer.status}`
  answers.set(kind, (answers.get(kind) ?? 0) + 1)
  return answer
}
