import type { Fleet } from '../machines/fleet.ts'

/** Something that goes wrong, or that operators do, while clients use the service. */
export type Fault = {
  name: string
  /** For the table. */
  what: string
  /** Whether the short run has it. */
  isInShort: boolean
  /** What must be there before, and is not measured. */
  prepare?: (fleet: Fleet) => Promise<unknown>
  begin: (fleet: Fleet) => Promise<unknown>
  /** How long it lasts after `begin`. */
  lastsMs?: (fleet: Fleet) => number
  /** Afterwards the service must recover by itself. */
  end?: (fleet: Fleet) => Promise<unknown>
}

/** No server can know what the others know. */
export function blind({ servers }: Fleet): void {
  for (const server of servers) server.seeingSince = undefined
}

/** All can, from now on. */
export function seeing({ servers }: Fleet): void {
  for (const server of servers) server.seeingSince = performance.now()
}
