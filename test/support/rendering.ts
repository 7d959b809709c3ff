import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import type { Opened, Visit } from '../../client/src/server/index.ts'
import { PASSWORD } from './factories.ts'
import { freshDatabase, uniqueName } from './helper.ts'
import { createNetwork, listeningServer } from './network.ts'
import { createApplication, createBrowser, type Shown } from './visitors.ts'

export const EXPIRY_SECONDS = 900

type SceneOptions = { env?: Record<string, string>; origin?: string }

/** A Latchkey, an application, and what browsers need to meet it. */
export async function scene(t: TestContext, { env = {} }: SceneOptions = {}) {
  const url = await freshDatabase(t)
  const server = await listeningServer(t, { url, env: { TRUST_PROXY: '127.0.0.1', ...env } })
  const network = createNetwork()
  const requests: Request[] = []
  const application = createApplication({
    baseUrl: server.baseUrl,
    fetch(request) {
      requests.push(request.clone())
      return network.fetch(request)
    },
  })
  const { clock } = server
  const browserAt = (origin?: string, headers?: Record<string, string>) =>
    createBrowser(application, {
      clock,
      ...(origin ? { origin } : {}),
      ...(headers ? { headers } : {}),
    })
  return { server, url, network, requests, browserAt, clock }
}

/** A scene with a browser in which somebody has just registered. */
export async function signedUpScene(t: TestContext, options: SceneOptions = {}) {
  const made = await scene(t, options)
  const browser = made.browserAt(options.origin)
  const username = uniqueName()
  const response = await browser.open(registering(username))
  assert.equal(response.status, 201, await response.clone().text())
  return { ...made, browser, username }
}

export const outcome = ({ user, problem }: Opened, status = 200) =>
  Response.json(user ?? problem, { status: problem?.status ?? status })

export const registering = (username: string) => async (visit: Visit) =>
  outcome(
    await visit.register({ username, email: `${username}@example.com`, password: PASSWORD }),
    201,
  )

export const signingIn =
  (username: string, password = PASSWORD) =>
  async (visit: Visit) =>
    outcome(await visit.signIn({ username, password }))

export const signingOut =
  (options: { local?: boolean } = {}) =>
  async (visit: Visit) => {
    const { problem } = await visit.signOut(options)
    return Response.json(problem ?? {}, { status: problem?.status ?? 200 })
  }

export const shownTo = (username: string): Shown => ({ status: 200, state: 'signedIn', username })
