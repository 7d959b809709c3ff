import { type IncomingMessage, OutgoingMessage, ServerResponse } from 'node:http'
import type { FastifyReply } from 'fastify'

declare module 'node:http' {
  interface OutgoingMessage {
    /** Node's own, not documented: writes the first line and all headers, at last. */
    _storeHeader(firstLine: string, headers: object | undefined): void
  }
  interface ServerResponse {
    readyLines?: string
  }
}

export type StandingHeaders = {
  /** Adds the id of the request, and them where the response does not bring them: in `inject()`. */
  addTo: (reply: FastifyReply) => void
  /** For `http.createServer`: a response that brings them. */
  serverOptions: { ServerResponse?: typeof ServerResponse }
}

/**
 * Headers of every answer; a route may replace one, not remove it. They go behind the status line
 * as one ready text: set one by one, they took some 3 µs of each request. A Node.js that has no
 * `_storeHeader` gets them one by one.
 * @param headers names in lower case
 */
export function createStandingHeaders(headers: Readonly<Record<string, string>>): StandingHeaders {
  const lines = Object.entries(headers).map(([name, value]) => [name, `${name}: ${value}\r\n`])
  const whole = lines.map(([, line]) => line).join('')

  /** The lines of those that the answer does not set itself. */
  function linesBeside(own: object | undefined): string {
    for (const name in own) if (name in headers) return without(own)
    return whole
  }

  function without(own: object): string {
    return lines.map(([name = '', line]) => (name in own ? '' : line)).join('')
  }

  class Response<R extends IncomingMessage> extends ServerResponse<R> {
    override readyLines = ''

    override getHeader(name: string) {
      return super.getHeader(name) ?? headers[name.toLowerCase()]
    }

    override hasHeader(name: string): boolean {
      return super.hasHeader(name) || name.toLowerCase() in headers
    }

    override _storeHeader(statusLine: string, own: object | undefined): void {
      super._storeHeader(statusLine + linesBeside(own) + this.readyLines, own)
    }
  }

  const isAble = typeof OutgoingMessage.prototype._storeHeader === 'function'
  const addTo = (reply: FastifyReply) => {
    if (!(reply.raw instanceof Response)) reply.headers(headers)
    addUncheckedLine(reply, 'x-request-id', reply.request.id)
  }
  return { addTo, serverOptions: isAble ? { ServerResponse: Response } : {} }
}

/** Adds a header that nothing replaces, without Node's costly check: of no text of a client. */
export function addUncheckedLine(reply: FastifyReply, name: string, value: string): void {
  const { raw } = reply
  if (raw.readyLines === undefined) reply.header(name, value)
  else raw.readyLines += `${name}: ${value}\r\n`
}
