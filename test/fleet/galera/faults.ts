import { setTimeout as sleep } from 'node:timers/promises'
import type { GaleraNode } from '../../support/galera.ts'
import { blind, type Fault, seeing } from '../faults/fault.ts'
import { killedServer, rollingRestart } from '../faults/servers.ts'
import type { Fleet } from '../machines/fleet.ts'
import type { FleetServer } from '../machines/server.ts'

/** A node is given up after 5 s; then the others know whether they are a majority. */
const DECISION_MS = 8000

/** What can happen to a cluster of three nodes with a server at each. */
export function galeraFaults(nodes: readonly GaleraNode[]): Fault[] {
  const [first, second, third] = nodes as [GaleraNode, GaleraNode, GaleraNode]

  const nothing: Fault = {
    name: 'nothing',
    what: 'nothing, for 10 s',
    isInShort: true,
    begin: async () => undefined,
    lastsMs: () => 10_000,
  }
  const killedNode: Fault = {
    name: 'killed-node',
    what: 'a node is killed (SIGKILL), and joins again after 10 s',
    isInShort: true,
    async begin({ servers }) {
      unsee(servers[2])
      await third.stop('SIGKILL')
    },
    lastsMs: () => 10_000,
    async end(fleet) {
      await third.start()
      seeing(fleet)
    },
  }
  const lateNode: Fault = {
    name: 'late-node',
    what: 'a node applies nothing for 3 s, while the others write',
    isInShort: true,
    begin: ({ servers }) => holdBack(third, servers[2], 3),
  }
  const noQuorum: Fault = {
    name: 'no-quorum',
    what: 'two of three nodes are killed; after 15 s an operator tells the third to continue',
    isInShort: false,
    async begin(fleet) {
      blind(fleet)
      await Promise.all([second.stop('SIGKILL'), third.stop('SIGKILL')])
      await sleep(DECISION_MS)
      await mustBeUnready(fleet)
    },
    lastsMs: () => 7000,
    async end(fleet) {
      await first.run(`SET GLOBAL wsrep_provider_options = 'pc.bootstrap=true'`)
      const told = performance.now()
      await untilReady(fleet.servers[0])
      console.log(`       ready ${Math.round(performance.now() - told)} ms after it was told`)
      await second.start()
      await third.start()
      seeing(fleet)
    },
  }
  const cutNetwork: Fault = {
    name: 'silent-majority',
    what: 'two of three nodes stop answering (SIGSTOP) for 15 s',
    isInShort: false,
    async begin(fleet) {
      blind(fleet)
      for (const node of [second, third]) node.freeze()
      await sleep(DECISION_MS)
      await mustBeUnready(fleet)
    },
    lastsMs: () => 7000,
    async end(fleet) {
      for (const node of [second, third]) node.thaw()
      for (const server of fleet.servers) await untilReady(server)
      seeing(fleet)
    },
  }
  return [nothing, killedServer, rollingRestart, killedNode, lateNode, noQuorum, cutNetwork]
}

function unsee(server: FleetServer | undefined): void {
  if (server) server.seeingSince = undefined
}

/** Its writers wait, and its readers see what was there before. */
async function holdBack(node: GaleraNode, server: FleetServer | undefined, seconds: number) {
  unsee(server)
  await node.run(
    `SET GLOBAL wsrep_desync = ON; FLUSH TABLES WITH READ LOCK; DO SLEEP(${seconds});
      UNLOCK TABLES; SET GLOBAL wsrep_desync = OFF`,
  )
  if (server) server.seeingSince = performance.now()
}

/** @throws Error naming a server that says it is ready without a quorum */
async function mustBeUnready({ servers }: Fleet): Promise<void> {
  const states = await Promise.all(servers.map(readiness))
  const wrong = servers.filter((_, at) => states[at] !== 503).map(({ name }) => name)
  if (wrong.length > 0) throw new Error(`ready without a quorum: ${wrong}: ${states}`)
}

async function untilReady(server: FleetServer | undefined): Promise<void> {
  for (let turn = 0; turn < 600; turn++) {
    if (server && (await readiness(server)) === 200) return
    await sleep(100)
  }
  throw new Error(`${server?.name} does not become ready`)
}

async function readiness({ base }: FleetServer): Promise<number> {
  const signal = AbortSignal.timeout(10_000)
  const answer = await fetch(`${base}/readyz`, { signal }).catch(() => undefined)
  await answer?.arrayBuffer()
  return answer?.status ?? 0
}
