import { once } from 'node:events'
import { type Agent, request } from 'node:http'

/** The password of everybody whom `register` makes. */
export const PASSWORD = 'zqxj kvbp wmfg'

export type Person = { username: string; email: string; access_token: string }

/** Makes an account over HTTP. @throws Error with the answer that was no success */
export async function register(base: string, username: string): Promise<Person> {
  const email = `${username}@example.com`
  const answer = await fetch(`${base}/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username, email, password: PASSWORD }),
  })
  if (answer.status !== 201) throw new Error(`POST /register: ${await answer.text()}`)
  const { access_token } = (await answer.json()) as { access_token: string }
  return { username, email, access_token }
}

type Asking = { agent: Agent; method?: string; headers?: Record<string, string>; body?: string }

/** One request, with less around it than fetch has. @returns the status, once all has arrived */
export async function exchange(url: string, { body, ...options }: Asking): Promise<number> {
  const asking = request(url, options).end(body)
  const [answer] = await once(asking, 'response')
  answer.resume()
  await once(answer, 'end')
  return answer.statusCode
}
