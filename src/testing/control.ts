import type { AddressInfo } from 'node:net'
import type { FastifyRequest } from 'fastify'
import { isLoopback } from '../config/readers.ts'
import { type App, createServer } from '../http/app.ts'
import { isUnavailable } from '../platform/database/database.ts'
import { NotFound } from '../platform/errors/table.ts'
import { controlSchemas as schemas, waitOf } from './control-schemas.ts'
import type { Operations } from './operations.ts'

const NO_BODY = { config: { optionalBody: true } }

/**
 * Serves what the kit can do as JSON, on this machine alone.
 * @param port 0 for any free one @returns its address, and what closes it
 * @throws Error where the port is taken
 */
export async function startControl(operations: Operations, port: number) {
  const app = createServer({
    http: { trustProxy: [], publicUrl: 'http://localhost' },
    log: { level: 'silent' },
    isUnavailable,
  })
  app.addHook('onRequest', async (request) => {
    if (!isFromHere(request)) throw NotFound({ detail: FOREIGN })
  })
  serveClock(app, operations)
  servePeople(app, operations)
  serveMails(app, operations)
  serveTroubles(app, operations)
  app.post('/reset', NO_BODY, async (_request, reply) => {
    await operations.reset()
    return reply.code(204).send()
  })
  await app.listen({ host: '127.0.0.1', port })
  const { port: own } = app.server.address() as AddressInfo
  return { url: `http://localhost:${own}`, close: () => app.close() }
}

const FOREIGN =
  'The control port answers programs of this machine: send the request to localhost, and not from a page in a browser.'

/**
 * A page whose name suddenly leads here (DNS rebinding) has its own name in `Host`, and every page
 * that sends something has an `Origin`: other programs have none.
 */
function isFromHere({ hostname, headers: { origin } }: FastifyRequest): boolean {
  return isLoopback(hostname) && origin === undefined
}

function serveClock(app: App, { now, advance }: Operations): void {
  app.get('/clock', async () => ({ now: await now() }))
  app.post('/clock/advance', { schema: schemas.advance }, async ({ body }) => ({
    now: await advance(body.by),
  }))
}

function servePeople(app: App, operations: Operations): void {
  app.post('/people', { schema: schemas.person }, async ({ body }, reply) =>
    reply.code(201).send(await operations.addPerson(body)),
  )
  app.post('/sessions', { schema: schemas.session }, async ({ body }, reply) => {
    const { userId, ...options } = body
    return reply.code(201).send(await operations.openSession(userId, options))
  })
  app.post('/totp', { schema: schemas.totp }, async ({ body: { secret, at } }) => ({
    code: await operations.totpCode(secret, at),
  }))
  app.post('/passkeys', NO_BODY, async (_request, reply) =>
    reply.code(201).send({ id: await operations.newPasskey() }),
  )
  app.post('/passkeys/:id/create', { schema: schemas.credential }, ({ params, body }) =>
    operations.createCredential(params.id, body),
  )
  app.post('/passkeys/:id/get', { schema: schemas.credential }, ({ params, body }) =>
    operations.getCredential(params.id, body),
  )
}

function serveMails(app: App, operations: Operations): void {
  app.get('/mails', { schema: schemas.mails }, async ({ query }) => ({
    items: await operations.mails(query.to),
  }))
  app.get('/mails/last', { schema: schemas.lastMail }, ({ query: { to, after, timeoutMs } }) =>
    operations.lastMail(to, after, waitOf(timeoutMs)),
  )
}

function serveTroubles(app: App, operations: Operations): void {
  const { startTrouble } = operations
  const { dropNextResponse, delay, ended } = schemas
  app.post('/faults/drop-next-response', { schema: dropNextResponse }, async ({ body }, reply) =>
    reply.code(201).send({ id: await startTrouble({ kind: 'drop-next-response', ...body }) }),
  )
  app.post('/faults/delay', { schema: delay }, async ({ body }, reply) =>
    reply.code(201).send({ id: await startTrouble({ kind: 'delay', ...body }) }),
  )
  for (const kind of ['overload', 'database-away'] as const) {
    app.post(`/faults/${kind}`, NO_BODY, async (_request, reply) =>
      reply.code(201).send({ id: await startTrouble({ kind }) }),
    )
  }
  app.post('/faults/expire-access-tokens', NO_BODY, async () => ({
    now: await operations.expireAccessTokens(),
  }))
  app.post('/faults/revoke-everything', NO_BODY, async () => ({
    ended: await operations.revokeEverything(),
  }))
  app.delete('/faults/:id', { schema: ended }, async ({ params }, reply) => {
    await operations.endTrouble(params.id)
    return reply.code(204).send()
  })
  app.delete('/faults', async (_request, reply) => {
    await operations.endTroubles()
    return reply.code(204).send()
  })
}
