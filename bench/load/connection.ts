import { connect, type Socket } from 'node:net'
import type { HttpRequest } from '../support/requests.ts'
import type { AnswerHeaders } from './target.ts'

/** A successful answer as it came. */
export type Answer = { head: string; body: string }

type Asked = {
  /** The request that was sent. */
  text: string
  resolve: (answer: Answer) => void
  reject: (reason: Error) => void
}

export type Connection = ReturnType<typeof openConnection>

const PATIENCE_MS = 15_000

/** A request as text, made once where it is sent again and again. */
export function wire({ method, path, headers = {}, body }: HttpRequest): string {
  const own = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  const length = body === undefined ? '' : `content-length: ${Buffer.byteLength(body)}\r\n`
  return `${method} ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\n${own.join('')}${length}\r\n${body ?? ''}`
}

/**
 * One kept-alive connection with one request at a time. It shares two cores with the server under
 * test, so it makes nothing but the answer's text: no streams, no parser.
 */
export function openConnection(port: number, patienceMs = PATIENCE_MS) {
  let socket: Socket | undefined
  let received = ''
  let waiting: Asked | undefined
  let sentAt = 0
  // One timer for the connection, not one for each request.
  const watch = setInterval(() => {
    if (waiting && performance.now() - sentAt > patienceMs) drop()
  }, 1000)
  watch.unref()

  function settle(status: number, answer: Answer): void {
    const asked = waiting
    waiting = undefined
    received = ''
    if (status >= 200 && status < 300) asked?.resolve(answer)
    else asked?.reject(new Error(failureOf(asked.text, status, answer)))
  }

  function drop(): void {
    const old = socket
    socket = undefined
    old?.destroy()
    settle(0, { head: '', body: '' })
  }

  function take(chunk: string): void {
    received = received === '' ? chunk : received + chunk
    const answer = whole(received)
    if (!answer) return
    if (CLOSES.test(answer.head)) {
      socket?.destroy()
      socket = undefined
    }
    settle(Number(answer.head.slice(9, 12)), answer)
  }

  function open(): Socket {
    const fresh = connect(port, '127.0.0.1').setEncoding('latin1').setNoDelay()
    const lost = () => {
      if (socket === fresh) drop()
    }
    return fresh.on('data', take).on('error', lost).on('close', lost)
  }

  /**
   * Sends a request and waits for the whole answer.
   * @throws Error with an answer that is no success, or without one
   */
  function exchange(text: string): Promise<Answer> {
    socket ??= open()
    sentAt = performance.now()
    socket.write(text)
    return new Promise((resolve, reject) => {
      waiting = { text, resolve, reject }
    })
  }

  function close(): void {
    clearInterval(watch)
    drop()
  }

  return { exchange, close }
}

/** A status of 0 stands for a connection that failed or took too long. */
function failureOf(request: string, status: number, { body }: Answer): string {
  const outcome = status === 0 ? 'got no answer' : `was answered ${status}: ${body}`
  return `${request.slice(0, request.indexOf(' HTTP/'))} ${outcome}`
}

/** The headers of an answer. Read only where a token is looked for in them. */
export function headersOf({ head }: Answer): AnswerHeaders {
  const headers: Record<string, string | string[]> = {}
  for (const line of head.split('\r\n').slice(1)) {
    const colon = line.indexOf(':')
    if (colon < 0) continue
    const name = line.slice(0, colon).toLowerCase()
    const value = line.slice(colon + 1).trim()
    const before = headers[name]
    headers[name] = before === undefined ? value : [before, value].flat()
  }
  return headers
}

const CLOSES = /\r\nconnection: close\b/i
const LENGTH = /\r\ncontent-length: *(\d+)/i

/** The answer, once all of it is here; every server here says how long it is. */
function whole(text: string): Answer | undefined {
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const head = text.slice(0, end)
  const body = text.slice(end + 4)
  const length = head.startsWith('204', 9) ? 0 : Number(LENGTH.exec(head)?.[1])
  return body.length >= length ? { head, body } : undefined
}
