// How much work a request is, in instructions: the same on a busy machine and on a quiet one.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createLatchkey } from '../load/latchkey.ts'
import type { LoadProcess } from '../load/start.ts'
import type { Operation, Target } from '../load/target.ts'
import { bareFastify } from '../peers/upper-bounds.ts'
import { counterOf, hasValgrind, underCallgrind } from '../support/callgrind.ts'
import { CHEAP_HASHES, startServer } from '../support/server.ts'
import type { Workspace } from '../support/workspace.ts'
import type { Instructions } from './results.ts'

const PEOPLE = 40
/** Under valgrind a start takes half a minute. */
const PATIENCE_MS = 240_000
/** Requests of each count; twice as many go before the first. */
const REQUESTS: Record<Operation, number> = { verify: 500, me: 400, login: 80, refresh: 120 }
/** Of these the least counts: a job of the server may run during one. */
const COUNTS = 4

type Needs = { loads: LoadProcess }

/** @throws Error where valgrind is not installed */
export async function measureInstructions(
  workspace: Workspace,
  needs: Needs,
): Promise<Instructions> {
  if (!(await hasValgrind()))
    throw new Error('valgrind is not installed (Debian: apt-get install valgrind)')
  const [bare, latchkey] = await Promise.all([
    countEach(bareFastify, workspace, needs),
    countEach(createLatchkey(), workspace, needs),
  ])
  return { bare: bare.verify ?? Number.NaN, latchkey }
}

/** A request of each operation, without the hash of the password. */
async function countEach(target: Target, workspace: Workspace, { loads }: Needs) {
  const folder = join(workspace.folder, `instructions of ${target.name}`)
  mkdirSync(folder)
  await target.prepare(folder)
  const launch = (port: number) => {
    const { env, ...rest } = target.launch({ port, folder, synchronous: 'FULL' })
    return underCallgrind({ ...rest, env: { ...env, ...CHEAP_HASHES } }, folder)
  }
  const server = await startServer(launch, target.readyPath, PATIENCE_MS)
  workspace.onClose(server.stop)
  const load = loads.on(target.name, server.port)
  await load.ask({ kind: 'settle', people: target === bareFastify ? 0 : PEOPLE, prefix: '' })
  const { count, waitUntilIdle } = counterOf(server.pid, folder)
  await waitUntilIdle()
  const each: Instructions['latchkey'] = {}
  for (const operation of target.operations) {
    const send = (requests: number) => load.ask({ kind: 'counted', operation, requests })
    const requests = REQUESTS[operation]
    await send(requests * 2)
    const counts: number[] = []
    while (counts.length < COUNTS) counts.push((await count(() => send(requests))) / requests)
    each[operation] = Math.min(...counts)
  }
  await server.stop()
  return each
}
