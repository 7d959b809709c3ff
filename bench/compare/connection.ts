import { connect, type Socket } from 'node:net'
import type { AnswerHeaders, HttpRequest } from './contender.ts'

/** An answer as it came; a status of 0 stands for a connection that failed or took too long. */
export type Answer = { status: number; head: string; body: string }

export type Connection = ReturnType<typeof openConnection>

const TIME_OUT_MS = 15_000
const FAILED: Answer = { status: 0, head: '', body: '' }

/** A request as text, made once where it is sent again and again. */
export function wire({ method, path, headers, body }: HttpRequest): string {
  const own = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  const length = body === undefined ? '' : `content-length: ${Buffer.byteLength(body)}\r\n`
  return `${method} ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\n${own.join('')}${length}\r\n${body ?? ''}`
}

/**
 * One kept-alive connection with one request at a time. It shares two cores with the server that it
 * measures, so it is as cheap as it can be: no streams, no parser, nothing made but the answer's text.
 */
export function openConnection(port: number) {
  let socket: Socket | undefined
  let received = ''
  let waiting: ((answer: Answer) => void) | undefined
  let sentAt = 0
  // One timer for the connection, not one for each request.
  const watch = setInterval(() => {
    if (waiting && performance.now() - sentAt > TIME_OUT_MS) drop()
  }, 1000)
  watch.unref()

  function settle(answer: Answer): void {
    const done = waiting
    waiting = undefined
    received = ''
    done?.(answer)
  }

  function drop(): void {
    const old = socket
    socket = undefined
    old?.destroy()
    settle(FAILED)
  }

  function take(chunk: string): void {
    received = received === '' ? chunk : received + chunk
    const answer = whole(received)
    if (!answer) return
    if (CLOSES.test(answer.head)) {
      socket?.destroy()
      socket = undefined
    }
    settle(answer)
  }

  function open(): Socket {
    const fresh = connect(port, '127.0.0.1').setEncoding('latin1').setNoDelay()
    const lost = () => {
      if (socket === fresh) drop()
    }
    return fresh.on('data', take).on('error', lost).on('close', lost)
  }

  /** Sends a request and waits for the whole answer; it never rejects. */
  function exchange(text: string): Promise<Answer> {
    socket ??= open()
    sentAt = performance.now()
    socket.write(text)
    return new Promise((resolve) => {
      waiting = resolve
    })
  }

  function close(): void {
    clearInterval(watch)
    drop()
  }

  return { exchange, close }
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
const IS_CHUNKED = /\r\ntransfer-encoding: *chunked/i
const LAST_CHUNK = '0\r\n\r\n'

/** The answer, once all of it is here. */
function whole(text: string): Answer | undefined {
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const head = text.slice(0, end)
  const body = text.slice(end + 4)
  const status = Number(head.slice(9, 12))
  if (IS_CHUNKED.test(head)) {
    return body.endsWith(LAST_CHUNK) ? { status, head, body: unchunked(body) } : undefined
  }
  const length = status === 204 ? 0 : Number(LENGTH.exec(head)?.[1])
  return body.length >= length ? { status, head, body } : undefined
}

function unchunked(text: string): string {
  let body = ''
  let at = 0
  for (;;) {
    const lineEnd = text.indexOf('\r\n', at)
    const size = Number.parseInt(text.slice(at, lineEnd), 16)
    if (!(size > 0)) return body
    body += text.slice(lineEnd + 2, lineEnd + 2 + size)
    at = lineEnd + 2 + size + 2
  }
}
