// The flood: many connections that sign in again and again, each as soon as it has its answer.
// It shares the machine with the server, so it is as cheap as it can be: raw sockets, ready-made
// requests, and a lower priority, as if it came from elsewhere.
import { connect } from 'node:net'
import { getPriority, setPriority } from 'node:os'
import { answerQuestions } from './flood-helpers.ts'

export type Flood = { connections: number; ms: number }
export type Flooded = {
  /** How many answers of each status there were. */
  statuses: Record<number, number>
  /** Refusals that do not say when to come again. */
  withoutRetryAfter: number
  /** Connections that ended before their answer. */
  broken: number
  /** Milliseconds of each answer that was no refusal. */
  served: number[]
}

const LOWER_PRIORITY = 10

setPriority(Math.min(getPriority() + LOWER_PRIORITY, 19))
const [base = '', ...bodies] = process.argv.slice(2)
const { host, hostname, port } = new URL(base)
const requests = bodies.map((body) =>
  [
    'POST /login HTTP/1.1',
    `host: ${host}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n'),
)

answerQuestions(async ({ connections, ms }: Flood): Promise<Flooded> => {
  const flooded: Flooded = { statuses: {}, withoutRetryAfter: 0, broken: 0, served: [] }
  const end = performance.now() + ms
  await Promise.all(Array.from({ length: connections }, (_, at) => keepSigningIn(at, end, flooded)))
  return flooded
})

function keepSigningIn(at: number, end: number, flooded: Flooded): Promise<void> {
  const request = requests[at % requests.length] ?? ''
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname).setEncoding('latin1').setNoDelay()
    let received = ''
    let sentAt = 0
    let isOver = false
    const send = () => {
      received = ''
      sentAt = performance.now()
      socket.write(request)
    }
    socket.on('connect', send)
    socket.on('data', (chunk) => {
      received += chunk
      if (!isWhole(received)) return
      count(received, performance.now() - sentAt, flooded)
      isOver = performance.now() >= end
      if (isOver) socket.destroy()
      else send()
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      if (!isOver) flooded.broken += 1
      resolve()
    })
  })
}

function isWhole(text: string): boolean {
  const bodyAt = text.indexOf('\r\n\r\n') + 4
  if (bodyAt < 4) return false
  const length = /\r\ncontent-length: (\d+)\r\n/i.exec(text)?.[1]
  return text.length >= bodyAt + Number(length)
}

function count(text: string, ms: number, flooded: Flooded): void {
  const status = Number(text.slice(9, 12))
  flooded.statuses[status] = (flooded.statuses[status] ?? 0) + 1
  if (status !== 503) flooded.served.push(ms)
  else if (!/\r\nretry-after: \d+\r\n/i.test(text)) flooded.withoutRetryAfter += 1
}
