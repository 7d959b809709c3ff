import { type Static, Type } from 'typebox'
import { oneOf, response, strictObject } from '../../contract/schema.ts'

const Status = oneOf(['ok', 'degraded', 'failed'], {
  description: '`degraded`: it works, but something that it should have is missing.',
  example: 'ok',
})
/** Degraded is what works with less than it should have, so that the server is still of use. */
export type Status = Static<typeof Status>

const CheckResult = strictObject(
  {
    status: Status,
    detail: Type.Optional(Type.String({ description: 'What is wrong, for operators.' })),
  },
  { title: 'CheckResult', description: 'The state of one dependency.' },
)
/** The state of one dependency. The detail is public: no addresses, no secrets. */
export type CheckResult = Static<typeof CheckResult>

const allWell = {
  database: { status: 'ok' },
  uploads: { status: 'ok' },
  revocationFeed: { status: 'ok' },
  mail: { status: 'ok' },
  rateLimits: { status: 'ok' },
}
const Readiness = strictObject(
  {
    status: Status,
    checks: Type.Unsafe<Record<string, CheckResult>>(
      Type.Object(
        {},
        {
          additionalProperties: CheckResult,
          description: 'Each dependency by name.',
          example: allWell,
        },
      ),
    ),
  },
  { title: 'Readiness', description: 'The worst of all checks, and each of them.' },
)
export type Readiness = Static<typeof Readiness>

/** The answer of a server that was told to stop. */
export const stoppingState: Readiness = {
  status: 'failed',
  checks: { server: { status: 'failed', detail: 'The server is stopping.' } },
}

const failed = {
  status: 'failed',
  checks: { ...allWell, database: { status: 'failed', detail: 'No answer within 2 s.' } },
}

const Liveness = strictObject(
  { status: oneOf(['ok'], { description: 'The process answers.', example: 'ok' }) },
  { title: 'Liveness' },
)

export const getLiveSchema = {
  operationId: 'getLive',
  summary: 'Whether the process answers',
  description: 'Checks the process only. An orchestrator restarts a server that does not answer.',
  tags: ['Service'],
  'x-memory-only': true,
  response: { 200: response(Liveness, 'The process answers.') },
}

export const getReadySchema = {
  operationId: 'getReady',
  summary: 'Whether the server and its dependencies are ready',
  description:
    'Checks the database and everything else that requests need. A load balancer sends requests to a server that answers 200; `degraded` is also 200. A 503 has the same body and names the failed dependency. A server that is stopping also answers 503.',
  tags: ['Service'],
  'x-memory-only': true,
  'x-examples': {
    503: {
      failed: { summary: 'The database is not available', set: failed },
      stopping: { summary: 'The server is stopping', set: stoppingState },
    },
  },
  response: {
    200: response(Readiness, 'The server is ready.'),
    503: response(Readiness, 'A dependency has failed.'),
  },
}
