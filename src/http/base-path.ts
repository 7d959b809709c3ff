import type { IncomingMessage } from 'node:http'
import type { FastifyInstance } from 'fastify'

/** Removes the base path, as `/auth`, where the proxy did not (well-known: RFC 8414 3.1). */
export function withoutBasePath(basePath: string): (request: IncomingMessage) => string {
  const path = basePath.replaceAll('.', '\\.')
  const before = new RegExp(`^(?:https?://[^/?]*)?${path}(?=[/?]|$)`)
  const behind = new RegExp(`^(/\\.well-known/[^/?]+)${path}/?(?=\\?|$)`)
  return ({ url = '' }) => {
    const own = url.replace(before, '').replace(behind, '$1')
    return own === '' || own.startsWith('?') ? `/${own}` : own
  }
}

/** Serves the application below a path. No route may begin with it: that would be ambiguous. */
export function serveBelow(app: FastifyInstance, basePath: string): void {
  const [, first] = basePath.split('/')
  let isTaken = false
  app.addHook('onRoute', ({ url }) => {
    isTaken ||= url.split('/')[1] === first
  })
  app.addHook('onReady', async () => {
    if (!isTaken) return
    throw new Error(`PUBLIC_URL: the server uses paths below /${first} itself; choose another path`)
  })
  app.addHook('onSend', (_request, reply, payload, done) => {
    const location = String(reply.getHeader('location') ?? '')
    if (location.startsWith('/')) reply.header('location', `${basePath}${location}`)
    done(null, payload)
  })
}
