import { parseArgs } from 'node:util'

/** Everything that a run may measure, in its order. */
export const PARTS = [
  'start',
  'verify',
  'me',
  'login',
  'refresh',
  'memory',
  'instructions',
] as const
export type Part = (typeof PARTS)[number]

/** How long things take, in milliseconds, and how often they are done. */
export type Plan = {
  rounds: number
  /** Accounts on each server. */
  people: number
  /** Of each server before the first round, and of each stretch before it counts. */
  warmUpMs: number
  /** So long that V8 has compiled what a server uses that runs for an hour. */
  hashWarmUpMs: number
  settleInMs: number
  stretchMs: number
  /** Hashes are few, so their stretches are longer. */
  hashStretchMs: number
  /** Of each server, before the one that is measured. */
  starts: number
  idleMs: number
  memoryMs: number
  mixedPerSecond: number
}

const WHOLE: Plan = {
  rounds: 5,
  people: 64,
  warmUpMs: 1000,
  hashWarmUpMs: 20_000,
  settleInMs: 100,
  stretchMs: 1000,
  hashStretchMs: 2000,
  starts: 2,
  idleMs: 3000,
  memoryMs: 1_200_000,
  // Fifty requests in each second of an hour, three times as fast.
  mixedPerSecond: 150,
}
const QUICK: Plan = {
  rounds: 3,
  people: 16,
  warmUpMs: 250,
  hashWarmUpMs: 1000,
  settleInMs: 30,
  stretchMs: 250,
  hashStretchMs: 500,
  starts: 0,
  idleMs: 1000,
  memoryMs: 8000,
  mixedPerSecond: 100,
}

/** Many short rounds in turns tell a difference of some percent. */
const AGAINST: Plan = {
  ...WHOLE,
  rounds: 40,
  // So many that nobody comes near the limit of sessions: beyond it a sign-in has more to do.
  people: 128,
  stretchMs: 750,
  hashStretchMs: 1000,
  starts: 0,
}
const AGAINST_PARTS: readonly Part[] = ['verify', 'me', 'login', 'refresh']

export type Options = {
  isQuick: boolean
  isMysql: boolean
  /** Whether the page in docs is written. */
  writes: boolean
  /** Whether it is written from the stored results alone. */
  isPageOnly: boolean
  plan: Plan
  /** The state of the repository that Latchkey is compared with, instead of peers. */
  against: string | undefined
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
      against: { type: 'string' },
      only: { type: 'string', multiple: true, default: [] },
    },
  })
  // "--only verify express": what follows the first word has no dashes either.
  const words = [...values.only, ...positionals].flatMap((text) => text.split(','))
  const parts = PARTS.filter((part) => words.includes(part))
  const { against } = values
  if (values.write && (words.length > 0 || against)) {
    throw new TypeError('The page is made from whole runs: --write goes alone or with --mysql.')
  }
  const all = against ? AGAINST_PARTS : PARTS
  const whole = against ? AGAINST : WHOLE
  return {
    isQuick: values.quick,
    isMysql: values.mysql,
    writes: values.write || values.page,
    isPageOnly: values.page,
    against,
    plan: values.quick ? QUICK : whole,
    parts: parts.length > 0 ? parts : all,
    names: words.filter((word) => !PARTS.some((part) => part === word)),
  }
}
