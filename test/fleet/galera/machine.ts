import { CLUSTER_DATABASE, type GaleraNode, startCluster } from '../../support/galera.ts'
import type { Lifetime } from '../../support/lifetime.ts'
import { asService, serviceUser } from '../../support/throwaway-database.ts'
import type { DatabaseMachine } from '../machines/database.ts'

const NODES = 3

export type Galera = { nodes: readonly GaleraNode[]; database: DatabaseMachine }

/** Three nodes, all of which write, one for each server. */
export async function startGalera(life: Lifetime): Promise<Galera> {
  const nodes = await startCluster(life, NODES)
  const node = (at: number) => nodes[at % NODES] as GaleraNode
  await node(0).run(serviceUser)
  const database: DatabaseMachine = {
    urlFor: (server) => asService(node(server).url),
    stop: (signal) => node(0).stop(signal),
    start: () => node(0).start(),
    run: (sql) => node(0).run(`USE ${CLUSTER_DATABASE}; ${sql}`),
    freeze: () => node(0).freeze(),
    thaw: () => node(0).thaw(),
    closeForWrites: () => nobody(),
    moveToReplica: () => nobody(),
  }
  return { nodes, database }
}

function nobody(): Promise<never> {
  return Promise.reject(new Error('A cluster has writers only: nothing moves to a replica'))
}
