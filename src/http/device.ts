import type { FastifyRequest } from 'fastify'
import { type Device, describeDevice } from '../platform/device.ts'

/** Where the request came from: the peer, or what a trusted proxy says. */
export function deviceOf({ ip, headers, id }: FastifyRequest): Device {
  return { ...describeDevice(ip, headers['user-agent']), requestId: id }
}
