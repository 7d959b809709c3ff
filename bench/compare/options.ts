import { parseArgs } from 'node:util'

/** Everything that a run may measure, in its order. */
export const PARTS = [
  'start',
  'verify',
  'me',
  'login',
  'refresh',
  'paced',
  'flood',
  'memory',
] as const
export type Part = (typeof PARTS)[number]

/** How long things take, in milliseconds, and how often they are done. */
export type Plan = {
  rounds: number
  /** Of each server before the first round, and of each stretch before it counts. */
  warmUpMs: number
  settleInMs: number
  stretchMs: number
  /** Hashes are few, so their stretches are longer. */
  hashStretchMs: number
  /** Of each server, before it is started for good. */
  starts: number
  idleMs: number
  /** Rounds of what is measured on Latchkey alone. */
  roundsAlone: number
  pacedMs: number
  floodMs: number
  memoryMs: number
}

const WHOLE: Plan = {
  rounds: 5,
  warmUpMs: 1000,
  settleInMs: 100,
  stretchMs: 1000,
  hashStretchMs: 2000,
  starts: 2,
  idleMs: 3000,
  roundsAlone: 3,
  pacedMs: 4000,
  floodMs: 4000,
  memoryMs: 300_000,
}
const QUICK: Plan = {
  rounds: 3,
  warmUpMs: 250,
  settleInMs: 30,
  stretchMs: 250,
  hashStretchMs: 500,
  starts: 0,
  idleMs: 1000,
  roundsAlone: 1,
  pacedMs: 2000,
  floodMs: 2000,
  memoryMs: 8000,
}

export type Options = {
  isQuick: boolean
  isMysql: boolean
  /** Whether the page in docs is written. */
  writes: boolean
  /** Whether it is written from the stored results alone. */
  isPageOnly: boolean
  plan: Plan
  parts: readonly Part[]
  /** Words of the names of the peers that take part; none stands for all. */
  names: string[]
}

/** Reads the command line. @throws TypeError for options that do not fit */
export function readOptions(args: string[]): Options {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      mysql: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      page: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: [] },
    },
  })
  // "--only verify express": what follows the first word has no dashes either.
  const words = [...values.only, ...positionals].flatMap((text) => text.split(','))
  const parts = PARTS.filter((part) => words.includes(part))
  if (values.write && words.length > 0) {
    throw new TypeError('The page is made from whole runs: --write goes without --only.')
  }
  return {
    isQuick: values.quick,
    isMysql: values.mysql,
    writes: values.write || values.page,
    isPageOnly: values.page,
    plan: values.quick ? QUICK : WHOLE,
    parts: parts.length > 0 ? parts : PARTS,
    names: words.filter((word) => !PARTS.some((part) => part === word)),
  }
}
