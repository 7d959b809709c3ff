import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { negotiate } from '../../http/headers/accept.ts'
import { addVary } from '../../http/headers/vary.ts'
import { NotFound } from '../../platform/errors/table.ts'
import type { OutboxFolder } from './outbox-folder.ts'
import { outboxCsp, outboxPage } from './outbox-page.ts'
import { getOutboxSchema } from './outbox-schemas.ts'

const produces = ['application/json', 'text/html']

/** The mails of a server without a relay, for the person who develops on the same machine. */
export const outboxRoutes: FastifyPluginAsyncTypebox<{
  folder: Pick<OutboxFolder, 'list'>
}> = async (app, { folder }) => {
  const config = { produces }

  app.get('/outbox', { config, schema: getOutboxSchema }, async (request, reply) => {
    if (!isLocal(request)) throw NotFound()
    const items = await folder.list(request.query.to)
    addVary(reply, 'accept')
    if (negotiate(request, produces) !== 'text/html') return reply.send({ items })
    return reply
      .header('content-security-policy', outboxCsp)
      .type('text/html; charset=utf-8')
      .send(outboxPage(items))
  })
}

const LOOPBACK = /^(?:127(?:\.\d{1,3}){3}|::1|::ffff:127(?:\.\d{1,3}){3})$/
const LOCAL_NAMES = new Set(['localhost', '127.0.0.1', '[::1]'])

/**
 * Whether the request comes from this machine, through no proxy. The name counts, too: a page whose
 * name suddenly leads here could read the mails (DNS rebinding).
 */
function isLocal({ ip, hostname, headers, socket }: FastifyRequest): boolean {
  const isForwarded = 'forwarded' in headers || 'x-forwarded-for' in headers
  const addresses = [ip, socket.remoteAddress ?? '']
  return (
    !isForwarded &&
    addresses.every((address) => LOOPBACK.test(address)) &&
    LOCAL_NAMES.has(hostname)
  )
}
