import { setTimeout as sleep } from 'node:timers/promises'
import type { Fleet } from '../machines/fleet.ts'
import type { FleetServer } from '../machines/server.ts'
import type { Fault } from './fault.ts'

export const killedServer: Fault = {
  name: 'killed-server',
  what: 'a server is killed (SIGKILL), and started after 3 s',
  isInShort: true,
  begin: ({ servers }) => servers[0]?.stop('SIGKILL') ?? Promise.resolve(),
  lastsMs: () => 3000,
  end: ({ servers }) => servers[0]?.start() ?? Promise.resolve(),
}

export const rollingRestart: Fault = {
  name: 'rolling-restart',
  what: 'the servers are restarted one after another',
  isInShort: true,
  begin: (fleet) => restartAll(fleet),
}

export const pausedServer: Fault = {
  name: 'paused-server',
  what: 'a server is paused (SIGSTOP) for 15 s',
  isInShort: true,
  begin: async ({ servers }) => servers[1]?.pause(),
  lastsMs: ({ isShort }) => (isShort ? 6000 : 15_000),
  end: async ({ servers }) => servers[1]?.resume(),
}

/** One after another, as docs/stopping.md has it: nginx knows first. */
export async function restartAll(
  fleet: Fleet,
  change?: (server: FleetServer) => void,
): Promise<void> {
  for (const server of fleet.servers) await restartOne(fleet, server, change)
}

export async function restartOne(
  { balancer }: Fleet,
  server: FleetServer,
  change?: (server: FleetServer) => void,
): Promise<void> {
  balancer.takeOut(server.port)
  await sleep(500)
  await server.stop('SIGTERM')
  change?.(server)
  await server.start()
  balancer.putBack(server.port)
  await sleep(500)
}
