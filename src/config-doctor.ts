import { parseArgs } from 'node:util'
import type { Environment, ReadSecretFile } from './config.ts'
import { isExactOrigin, meantOrigin } from './config-doctor-advice.ts'
import { examine, type Finding } from './config-doctor-rules.ts'

const USAGE = `Usage: npm run doctor -- --origin <origin>

Says, rule by rule, whether a browser frontend at this origin can use cookie transport with the
present settings, which are those of the server, and if not, what to change.

  --origin <origin>   where the frontend is: https://app.example.org, http://localhost:5173
  --help              this text

It ends with 0 when the frontend can, 1 when it cannot, and 2 when it was called wrongly.`

const WIDTH = 10

/** What a command prints, and how it ends. */
export type Outcome = { readonly text: string; readonly exitCode: 0 | 1 | 2 }

/**
 * The command `doctor`: reads settings, opens nothing, changes nothing, prints no secret.
 * @param args the arguments behind the name of the program
 */
export function runDoctor(args: string[], env: Environment, readFile?: ReadSecretFile): Outcome {
  const given = read(args)
  if (typeof given === 'string') return { text: `${given}\n\n${USAGE}`, exitCode: 2 }
  if (given.help) return { text: USAGE, exitCode: 0 }
  const findings = examine(given.origin, env, readFile)
  const works = findings.every(({ verdict }) => verdict !== 'no')
  const lines = [...findings.flatMap(written), '', conclusion(given.origin, works)]
  return { text: lines.join('\n'), exitCode: works ? 0 : 1 }
}

type Given = { help: boolean; origin: string }

/** What was asked for, or what is wrong with how it was asked. */
function read(args: string[]): Given | string {
  try {
    const { values } = parseArgs({
      args,
      options: { origin: { type: 'string' }, help: { type: 'boolean', default: false } },
    })
    const { help, origin = '' } = values
    return help || isExactOrigin(origin) ? { help, origin } : faultOf(origin)
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function faultOf(origin: string): string {
  const meant = meantOrigin(origin)
  if (origin === '') return '--origin is missing: where is the frontend?'
  return meant
    ? `--origin is not spelled as browsers spell it; write --origin ${meant}`
    : '--origin is no exact origin, scheme://host or scheme://host:port: no *, no null, no path'
}

function written({ verdict, rule, text, lines }: Finding): string[] {
  const margin = ' '.repeat(6)
  const head = `${verdict.padEnd(6)}${rule.padEnd(WIDTH)}${text}`
  return [head, ...lines.map((line) => `${margin}${line}`)]
}

function conclusion(origin: string, works: boolean): string {
  return works
    ? `Yes: a frontend at ${origin} can use cookie transport.`
    : `No: a frontend at ${origin} cannot use cookie transport with these settings.`
}
