// Counts the instructions of a program that valgrind runs. The count does not depend on the clock,
// and hardly on what else the machine does. System calls count as nothing. Linux only.
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { Launch } from './server.ts'

const run = promisify(execFile)
/** What a server does every second that has nothing to do; with something to do it is ten times more. */
const IDLE_PER_SECOND = 10_000_000
/** How long, and how often, a server is looked at that may still be busy. */
const LOOK_MS = 4000
const LOOKS = 30
/** Looks at an idle server, of which the least counts: a job of every minute may be in one. */
const IDLE_LOOKS = 3
const PROFILE = 'instructions.callgrind'
/**
 * V8's baseline code, on one thread: when it optimizes a function depends on chance, and would hide
 * a difference of a tenth. So the counts say how much work a request is, not how fast it is.
 */
const V8_FLAGS = [
  ...['--predictable', '--random-seed=1', '--always-sparkplug', '--no-opt'],
  // No collection of all garbage: it would be a third of what is counted.
  ...['--initial-old-space-size=1000', '--no-memory-reducer'],
]

/** Whether valgrind is installed. */
export function hasValgrind(): Promise<boolean> {
  return run('valgrind', ['--tool=none', 'true']).then(
    () => true,
    () => false,
  )
}

/** The same program under valgrind, some twenty times slower. @param folder for the profiles */
export function underCallgrind({ command, args, ...where }: Launch, folder: string): Launch {
  const profile = `--callgrind-out-file=${join(folder, PROFILE)}`
  // What V8 compiles replaces code in place.
  const options = ['--tool=callgrind', '--instr-atstart=no', '--smc-check=all-non-file', profile]
  return { command: 'valgrind', args: [...options, command, ...V8_FLAGS, ...args], ...where }
}

/** Counts what a process executes, beyond what it does every second anyway. */
export function counterOf(pid: number, folder: string) {
  let profiles = 0
  let eachSecond = 0
  const control = (...options: string[]) => run('callgrind_control', [...options, `${pid}`])

  async function countAll(work: () => Promise<unknown>) {
    await control('--instr=on')
    await control('--zero')
    const startedAt = performance.now()
    await work()
    const seconds = (performance.now() - startedAt) / 1000
    await control('--dump')
    await control('--instr=off')
    profiles += 1
    const profile = readFileSync(join(folder, `${PROFILE}.${profiles}`), 'utf8')
    return { seconds, instructions: Number(/^summary: (\d+)/m.exec(profile)?.[1]) }
  }

  /** Waits until the process has done what waits in the background, such as mails. @throws Error */
  async function waitUntilIdle(): Promise<void> {
    const idle: number[] = []
    for (let look = 0; look < LOOKS && idle.length < IDLE_LOOKS; look++) {
      const { instructions, seconds } = await countAll(() => pause(LOOK_MS))
      const rate = instructions / seconds
      if (rate < IDLE_PER_SECOND) idle.push(rate)
    }
    if (idle.length < IDLE_LOOKS) throw new Error('the server is never idle')
    eachSecond = Math.min(...idle)
  }

  async function count(work: () => Promise<unknown>): Promise<number> {
    const { instructions, seconds } = await countAll(work)
    return instructions - eachSecond * seconds
  }

  return { count, waitUntilIdle }
}
