import { parseArgs } from 'node:util'
import type { Environment } from '../config/config.ts'
import { isExactOrigin, meantOrigin } from './advice.ts'
import { examine, type Finding } from './rules.ts'

const WIDTH = 10

export type Outcome = {
  readonly text: string
  readonly exitCode: 0 | 1 | 2
  readonly findings: readonly Finding[]
}

/**
 * Checks settings; opens nothing, changes nothing, prints no secret. Without an origin it leaves
 * out what depends on the frontend.
 * @param args after the command's name @param inFile the names in `.env`
 */
export function runDoctor(
  args: string[],
  env: Environment,
  inFile: readonly string[] = [],
): Outcome {
  const given = read(args)
  if ('problem' in given) return { text: given.problem, exitCode: 2, findings: [] }
  const findings = examine(given.origin, env, inFile)
  const works = findings.every(({ verdict }) => verdict !== 'no')
  const lines = [...findings.flatMap(linesOf), '', conclusion(given.origin, works)]
  return { text: lines.join('\n'), exitCode: works ? 0 : 1, findings }
}

/** Adds what was found about the database, Redis and providers below the rest. */
export function withServices(outcome: Outcome, services: readonly Finding[]): Outcome {
  if (services.length === 0) return outcome
  const works = services.every(({ verdict }) => verdict !== 'no')
  return {
    text: [outcome.text, '', ...services.flatMap(linesOf)].join('\n'),
    exitCode: works ? outcome.exitCode : 1,
    findings: [...outcome.findings, ...services],
  }
}

function read(args: string[]): { origin: string | undefined } | { problem: string } {
  try {
    const { origin } = parseArgs({ args, options: { origin: { type: 'string' } } }).values
    return origin === undefined || isExactOrigin(origin)
      ? { origin }
      : { problem: problemOf(origin) }
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) }
  }
}

function problemOf(origin: string): string {
  const meant = meantOrigin(origin)
  if (origin === '') return '--origin is empty: where is the frontend?'
  return meant
    ? `--origin is not spelled as browsers spell it; write --origin ${meant}`
    : '--origin is not an exact origin, scheme://host or scheme://host:port: no *, no null, no path'
}

function linesOf({ verdict, rule, text, lines }: Finding): string[] {
  const margin = ' '.repeat(6)
  const head = `${verdict.padEnd(6)}${rule.padEnd(WIDTH)}${text}`
  return [head, ...lines.map((line) => `${margin}${line}`)]
}

function conclusion(origin: string | undefined, works: boolean): string {
  if (origin === undefined) return 'Add --origin to check whether a frontend can use cookies.'
  return works
    ? `Yes: a frontend at ${origin} can use cookie transport.`
    : `No: a frontend at ${origin} cannot use cookie transport with these settings.`
}
