import type { FastifyInstance, FastifyReply } from 'fastify'
import { Overloaded } from '../../platform/errors/table.ts'

declare module 'fastify' {
  interface FastifyReply {
    underWay?: UnderWay | undefined
  }
}

/** A request without a response. */
type UnderWay = { reply: FastifyReply; since: number; place: number }

export type HandlerTimeout = ReturnType<typeof createHandlerTimeout>

/**
 * Answers 503 `overloaded` after `limitMs`; the handler keeps running, its result is discarded. One
 * timer for all: Fastify's `handlerTimeout` adds a fifth to the cost of a small request.
 */
export function createHandlerTimeout(app: FastifyInstance, limitMs: number) {
  // No Map: its old tables point to their successors, and keep in memory what passed through them.
  const underWay: UnderWay[] = []

  function refuseLate(): void {
    const oldest = performance.now() - limitMs
    for (const { reply } of underWay.filter(({ since }) => since <= oldest)) {
      forget(reply)
      if (!reply.sent && !reply.raw.headersSent) reply.send(Overloaded())
    }
  }

  function watch(reply: FastifyReply): void {
    reply.underWay = { reply, since: performance.now(), place: underWay.length }
    underWay.push(reply.underWay)
  }

  /** The last one takes its place. */
  function forget(reply: FastifyReply): void {
    const left = reply.underWay
    if (left === undefined) return
    reply.underWay = undefined
    const last = underWay.pop()
    if (last === undefined || last === left) return
    last.place = left.place
    underWay[left.place] = last
  }

  app.addHook('onSend', (_request, reply, payload, done) => {
    forget(reply)
    done(null, payload)
  })
  const timer = setInterval(refuseLate, Math.min(1000, limitMs / 4))
  timer.unref()
  app.addHook('onClose', (_app, done) => {
    clearInterval(timer)
    done()
  })

  /** The requests without a response, oldest first. */
  function unanswered(): FastifyReply[] {
    return underWay.toSorted((one, other) => one.since - other.since).map(({ reply }) => reply)
  }

  return { watch, unanswered }
}
