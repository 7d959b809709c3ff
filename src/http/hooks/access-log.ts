import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { ApiError } from '../../platform/errors/api-error.ts'
import { addressIn } from '../../platform/network.ts'
import { traceIdsOf } from '../trace-ids.ts'

const problems = new WeakMap<object, ApiError>()

export function noteProblem(reply: FastifyReply, error: ApiError): void {
  problems.set(reply.raw, error)
}

/** Names the signed-in user of a request, for the log. */
export type WhoIs = (request: FastifyRequest) => string | undefined

/** Logs one line for each request. The route stands for the address, which may hold secrets. */
export function logRequests(app: FastifyInstance, level: string, whoIs: WhoIs): void {
  if (!['trace', 'debug', 'info'].includes(level)) return
  // Redaction costs more than the rest of a line, and this one has no secrets.
  const log = app.log.child({}, { redact: [] })
  app.addHook('onResponse', (request, reply, done) => {
    const problem = problems.get(reply.raw)
    const facts = {
      requestId: request.id,
      ...traceIdsOf(request),
      method: request.method,
      route: request.routeOptions.url ?? null,
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime * 10) / 10,
      user: whoIs(request),
      problem: problem?.definition.code,
      budget: problem?.policies?.[0],
      ip: addressIn(request.ip),
    }
    log.info(facts, 'request')
    done()
  })
}

export type ErrorFacts = { type: string; message: string; stack: string; [more: string]: unknown }

/** What the log shows of an error; other properties may hold user input. */
export function errorFacts(error: unknown, depth = 0): ErrorFacts {
  if (!(error instanceof Error)) return { type: typeof error, message: 'not an Error', stack: '' }
  const { name, message, stack = '', cause } = withoutArguments(error)
  const code = 'code' in error ? error.code : undefined
  const inner = cause === undefined || depth === 3 ? {} : { cause: errorFacts(cause, depth + 1) }
  return { type: name, message, code, stack, ...inner }
}

/** Prisma repeats all arguments of a wrong call, hashes too; its last line says what is wrong. */
function withoutArguments(error: Error): Error {
  if (error.name !== 'PrismaClientValidationError') return error
  const message = error.message.split('\n').at(-1) ?? ''
  return { name: error.name, message, stack: '', cause: error.cause }
}

/** Redacts secrets logged by mistake. Any header may hold one; the form parser logs them. */
export const secretPaths = ['headers', 'authorization', 'cookie', 'password', 'token'].flatMap(
  (name) => [name, `*.${name}`],
)
for (const name of ['access_token', 'refresh_token', 'currentPassword', 'newPassword', 'secret']) {
  secretPaths.push(name, `*.${name}`)
}
