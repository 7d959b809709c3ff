// What the deletion of a large account costs it and everybody else:
// npm run bench:deletion [-- --sqlite] [-- --mysql] [-- --rows 300000] [-- --quick]
import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { databaseUrl } from '../src/config/database-url.ts'
import type { DatabaseConnection } from '../src/platform/database/database.ts'
import { openDatabase } from '../src/platform/database/open.ts'
import { fill } from './scaling/fill.ts'
import { createHouseRows } from './scaling/house-rows.ts'
import { DAY_MS } from './scaling/rows.ts'
import { chosenDatabases, type Databases } from './support/databases.ts'
import { timed } from './support/interleaved.ts'
import { ask, bearer, PASSWORD, type Person, post, register } from './support/requests.ts'
import { CHEAP_HASHES, settingsFor, startLatchkey } from './support/server.ts'
import { percentiles } from './support/statistics.ts'
import { amount } from './support/table.ts'
import { inWorkspace, type Workspace } from './support/workspace.ts'

const EVERY_MS = 10
const GIVE_UP_MS = 600_000
/** A deletion may add so much to the longest wait for `/livez`. */
const MAX_MS = 100

type Waits = { livez: number[]; write: number[] }

const { values: options } = parseArgs({
  options: {
    ...{ sqlite: { type: 'boolean' }, mysql: { type: 'boolean' }, quick: { type: 'boolean' } },
    rows: { type: 'string' },
  },
})
const rows = Number(options.rows ?? (options.quick ? 5000 : 300_000))
/** The time without a deletion that is measured beside it. */
const QUIET_MS = options.quick ? 2000 : 30_000

await inWorkspace(async (workspace) => {
  const isGood: boolean[] = []
  for await (const databases of chosenDatabases(options, workspace)) {
    isGood.push(await measure(databases, workspace))
    await workspace.close()
  }
  return isGood.every(Boolean) || options.quick === true
})

/** Deletes an account with many houses; prints how long that took and how long others waited. */
async function measure(databases: Databases, { folder, onClose }: Workspace): Promise<boolean> {
  const url = await databases.create('deletion')
  const server = await startLatchkey(folder, { ...settingsFor(folder, url), ...CHEAP_HASHES })
  onClose(server.stop)
  const database = await openDatabase({ address: databaseUrl(url) })
  onClose(database.close)
  const leaver = await register(server.base, 'leaver')
  const other = await register(server.base, 'other')
  const { tables } = createHouseRows(Date.now() - DAY_MS, rows, '', leaver.id)
  await fill(database, tables, () => 0)
  const owner = { where: { id: leaver.id }, data: { houseCount: rows } }
  await database.client.user.updateMany(owner)

  const quiet = await waitsDuring(server.base, other, pause(QUIET_MS))
  let answeredMs = 0
  let goneMs = 0
  const deletion = async () => {
    const headers = { authorization: `Bearer ${leaver.token}` }
    const request = post('/me', { currentPassword: PASSWORD }, headers)
    const startedAt = performance.now()
    await ask(server.base, { ...request, method: 'DELETE' })
    answeredMs = performance.now() - startedAt
    await untilGone(database, leaver.id)
    goneMs = performance.now() - startedAt
  }
  const busy = await waitsDuring(server.base, other, deletion())

  console.log(`\n${databases.version}, an account with ${amount(rows)} houses`)
  const seconds = (goneMs / 1000).toFixed(1)
  console.log(`answered after ${Math.round(answeredMs)} ms, all gone after ${seconds} s`)
  for (const name of ['livez', 'write'] as const) {
    console.log(`${name}: ${textOf(busy[name])}; without a deletion ${textOf(quiet[name])}`)
  }
  return Math.max(...busy.livez) <= Math.max(...quiet.livez) + MAX_MS
}

/** Waits of another user for `/livez` and a change of a house, until the work is done. */
async function waitsDuring(
  base: string,
  { token }: Person,
  work: Promise<unknown>,
): Promise<Waits> {
  const headers = { authorization: `Bearer ${token}` }
  const house = { projectNo: randomBytes(6).toString('hex'), projectName: 'Haus' }
  const { id } = await ask<{ id: string }>(base, post('/houses', house, headers))
  let isDone = false
  const done = work.finally(() => {
    isDone = true
  })
  const probe = async (action: () => Promise<unknown>) => {
    const waits: number[] = []
    while (!isDone) {
      waits.push((await timed(action)).ms)
      await pause(EVERY_MS)
    }
    return waits
  }
  const change = post(`/houses/${id}`, { projectName: 'neu' }, headers)
  const [livez, write] = await Promise.all([
    probe(() => ask(base, bearer('GET', '/livez', token))),
    probe(() => ask(base, { ...change, method: 'PATCH' })),
    done,
  ])
  return { livez, write }
}

async function untilGone({ client }: DatabaseConnection, id: string): Promise<void> {
  const deadline = performance.now() + GIVE_UP_MS
  while ((await client.user.count({ where: { id } })) > 0) {
    if (performance.now() > deadline) throw new Error('the account was not deleted in time')
    await pause(200)
  }
}

function textOf(waits: number[]): string {
  const [p50, p99, max] = percentiles(waits, [0.5, 0.99, 1]).map((ms) => ms.toFixed(1))
  return `p50 ${p50} ms, p99 ${p99} ms, max ${max} ms of ${waits.length}`
}
