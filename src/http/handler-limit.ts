import type { FastifyInstance, FastifyReply } from 'fastify'
import { Overloaded } from '../platform/error-table.ts'

/**
 * Answers 503 `overloaded` for each request that has no answer after `limitMs`; its handler goes on,
 * and what it comes to is dropped. One timer for all of them: Fastify's `handlerTimeout` takes one for
 * each, which is a fifth of the cost of a small request.
 */
export function limitHandlers(app: FastifyInstance, limitMs: number): void {
  // In the order of their arrival, so that the oldest come first.
  const underWay = new Map<FastifyReply, number>()

  function refuseLate(): void {
    const oldest = performance.now() - limitMs
    for (const [reply, since] of underWay) {
      if (since > oldest) return
      underWay.delete(reply)
      if (!reply.sent && !reply.raw.headersSent) reply.send(Overloaded())
    }
  }

  app.addHook('onRequest', (_request, reply, done) => {
    underWay.set(reply, performance.now())
    done()
  })
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
}
