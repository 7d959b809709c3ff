import type { FastifyInstance, FastifyReply } from 'fastify'
import { Overloaded } from '../../platform/errors/table.ts'

export type HandlerTimeout = ReturnType<typeof createHandlerTimeout>

/**
 * Answers 503 `overloaded` after `limitMs`; the handler keeps running, its result is discarded. One
 * timer for all: Fastify's `handlerTimeout` adds a fifth to the cost of a small request.
 */
export function createHandlerTimeout(app: FastifyInstance, limitMs: number) {
  const underWay = new Map<FastifyReply, number>()

  function refuseLate(): void {
    const oldest = performance.now() - limitMs
    for (const [reply, since] of underWay) {
      if (since > oldest) return
      underWay.delete(reply)
      if (!reply.sent && !reply.raw.headersSent) reply.send(Overloaded())
    }
  }

  function watch(reply: FastifyReply): void {
    underWay.set(reply, performance.now())
  }

  app.addHook('onSend', (_request, reply, payload, done) => {
    underWay.delete(reply)
    done(null, payload)
  })
  const timer = setInterval(refuseLate, Math.min(1000, limitMs / 4))
  timer.unref()
  app.addHook('onClose', (_app, done) => {
    clearInterval(timer)
    done()
  })

  /** The requests without a response, oldest first. */
  function unanswered(): Iterable<FastifyReply> {
    return underWay.keys()
  }

  return { watch, unanswered }
}
