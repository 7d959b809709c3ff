import type { IncomingMessage } from 'node:http'
import type { FastifyInstance } from 'fastify'

/**
 * Takes the path of PUBLIC_URL off the addresses of requests, where it is there: some proxies in front
 * do so themselves, and some do not. A well-known document has it behind its name, too (RFC 8414 3.1).
 * @param basePath `/auth`
 */
export function withoutBasePath(basePath: string): (request: IncomingMessage) => string {
  const path = basePath.replaceAll('.', '\\.')
  const before = new RegExp(`^(?:https?://[^/?]*)?${path}(?=[/?]|$)`)
  const behind = new RegExp(`^(/\\.well-known/[^/?]+)${path}/?(?=\\?|$)`)
  return ({ url = '' }) => {
    const own = url.replace(before, '').replace(behind, '$1')
    return own === '' || own.startsWith('?') ? `/${own}` : own
  }
}

/**
 * Lets the application live below a path: every `Location` begins with it, and no route may, since it
 * could not be told whether the proxy has taken it off.
 */
export function serveBelow(app: FastifyInstance, basePath: string): void {
  const [, first] = basePath.split('/')
  let isTaken = false
  app.addHook('onRoute', ({ url }) => {
    isTaken ||= url.split('/')[1] === first
  })
  app.addHook('onReady', async () => {
    if (!isTaken) return
    throw new Error(
      `PUBLIC_URL: the server has addresses below /${first} itself; take another path`,
    )
  })
  app.addHook('onSend', (_request, reply, payload, done) => {
    const location = String(reply.getHeader('location') ?? '')
    if (location.startsWith('/')) reply.header('location', `${basePath}${location}`)
    done(null, payload)
  })
}
