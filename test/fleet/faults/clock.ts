import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { scratchDirectory } from '../../support/databases.ts'
import type { Fleet } from '../machines/fleet.ts'
import type { Fault } from './fault.ts'
import { restartOne } from './servers.ts'

const MACHINES = ['x86_64-linux-gnu', 'aarch64-linux-gnu']
const MINUTES = 5

let file = ''

export const clockAhead = steppedClock('clock-ahead', `+${MINUTES * 60}`, 'ahead, and back')
export const clockBehind = steppedClock('clock-behind', `-${MINUTES * 60}`, 'back, and ahead again')

/** The clock of one machine is set: libfaketime changes it, and leaves monotonic time alone. */
function steppedClock(name: string, step: string, direction: string): Fault {
  return {
    name,
    what: `the clock of one server is set ${MINUTES} minutes ${direction}`,
    isInShort: name === 'clock-ahead',
    prepare: useFakeClock,
    begin: async () => writeFileSync(file, step),
    lastsMs: ({ isShort }) => (isShort ? 5000 : 10_000),
    end: async () => writeFileSync(file, '+0'),
  }
}

async function useFakeClock(fleet: Fleet): Promise<void> {
  const server = fleet.servers[2]
  if (!server || server.env.LD_PRELOAD) return
  file = join(scratchDirectory(fleet.life), 'clock')
  writeFileSync(file, '+0')
  Object.assign(server.env, {
    LD_PRELOAD: library(),
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_CACHE_DURATION: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
  })
  await restartOne(fleet, server)
}

/** @throws Error when libfaketime is not installed */
function library(): string {
  const paths = MACHINES.map((machine) => `/usr/lib/${machine}/faketime/libfaketime.so.1`)
  const found = paths.find((path) => existsSync(path))
  if (found === undefined) throw new Error('libfaketime is missing (Debian: apt install faketime)')
  return found
}
