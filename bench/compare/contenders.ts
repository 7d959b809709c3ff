import { ceilings, peers } from '../peers/index.ts'
import type { CeilingServer, Contender } from './contender.ts'
import { createLatchkey } from './latchkey.ts'

/** Makes a server with one route look like the others, as far as the load asks it for anything. */
export function asContender(ceiling: CeilingServer): Contender {
  const none = (): never => {
    throw new Error(`${ceiling.name} has no people`)
  }
  return {
    ...ceiling,
    operations: [ceiling.operation],
    rotates: false,
    prisma: false,
    register: none,
    login: none,
    sessionOf: none,
    verify: () => ceiling.request(),
    me: () => ceiling.request(),
    refresh: none,
  }
}

/** What the load needs to know of a server: anything but Latchkey goes by its own name. */
export function contenderNamed(name: string): Contender {
  const ceiling = ceilings.find((one) => one.name === name)
  if (ceiling?.kind === 'server') return asContender(ceiling)
  return peers.find((peer) => peer.name === name) ?? createLatchkey({ name })
}
