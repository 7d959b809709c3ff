import type { FastifyRequest } from 'fastify'
import { type Device, describeDevice } from '../platform/device.ts'
import { languageOf } from './headers/accept-language.ts'
import { traceIdsOf } from './trace-ids.ts'

/** Where the request came from: the peer, or what a trusted proxy says. */
export function deviceOf(request: FastifyRequest): Device {
  const { ip, headers, id } = request
  const language = languageOf(request)
  const trace = traceIdsOf(request)
  const device = { ...describeDevice(ip, headers['user-agent']), requestId: id, language }
  return trace ? { ...device, trace } : device
}
