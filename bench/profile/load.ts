// A load on one operation from a process of its own: each connection asks again as soon as it has its answer.
import { once } from 'node:events'
import { Agent, type OutgoingHttpHeaders, request } from 'node:http'
import { answerQuestions } from '../flood-helpers.ts'
import { PASSWORD } from '../requests.ts'
import { CONNECTIONS, type Operation } from './operations.ts'

export type Load = { operation: Operation; ms: number }
export type Loaded = { answers: number; perSecond: number }

type Tokens = { access_token: string; refresh_token: string }
type Asked = { method: string; path: string; headers?: OutgoingHttpHeaders; body?: object }

const [base = '', username = ''] = process.argv.slice(2)
const agent = new Agent({ keepAlive: true })

answerQuestions(async ({ operation, ms }: Load): Promise<Loaded> => {
  const chains = Array.from({ length: CONNECTIONS[operation] }, () => ask(signIn))
  const startsWith = await Promise.all(chains)
  const startedAt = performance.now()
  const counts = await Promise.all(
    startsWith.map((tokens) => goOn(operation, tokens, startedAt + ms)),
  )
  const answers = counts.reduce((sum, count) => sum + count, 0)
  return { answers, perSecond: Math.round((answers * 1000) / (performance.now() - startedAt)) }
})

const signIn: Asked = { method: 'POST', path: '/login', body: { username, password: PASSWORD } }

async function goOn(operation: Operation, tokens: Tokens, end: number): Promise<number> {
  let current = tokens
  let count = 0
  for (; performance.now() < end; count++) {
    const answer = await ask(nextOf(operation, current))
    if (operation === 'refresh') current = answer
  }
  return count
}

function nextOf(operation: Operation, { access_token, refresh_token }: Tokens): Asked {
  if (operation === 'login') return signIn
  const token = operation === 'refresh' ? refresh_token : access_token
  const headers = { authorization: `Bearer ${token}` }
  return { method: operation === 'refresh' ? 'POST' : 'GET', path: `/${operation}`, headers }
}

/** @throws Error for any answer but a good one: a profile of refusals would be of no use */
async function ask({ method, path, headers, body }: Asked): Promise<Tokens> {
  const text = body && JSON.stringify(body)
  const type = text === undefined ? {} : { 'content-type': 'application/json' }
  const asking = request(`${base}${path}`, { agent, method, headers: { ...headers, ...type } })
  asking.end(text)
  const [answer] = await once(asking, 'response')
  let received = ''
  for await (const chunk of answer.setEncoding('utf8')) received += chunk
  if (answer.statusCode >= 300) throw new Error(`${path} answered ${answer.statusCode}`)
  return JSON.parse(received)
}
