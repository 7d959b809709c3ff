import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { createProgram, runCli } from '../../src/cli/program.ts'
import { OPERATOR } from '../../src/platform/actor.ts'
import { scratchDirectory } from './databases.ts'
import { freshDatabase, startServer, type TestServer } from './helper.ts'

export const SECRET = randomBytes(48).toString('base64url')
/** What no command may print: private keys, and hashes of passwords. */
const SECRETS = [SECRET, 'PRIVATE KEY', '$argon2']

export type Said = { code: number; out: string; err: string }

type Options = {
  env?: Record<string, string | undefined>
  /** What a person answers to each question; without them nobody is there. */
  answers?: string[]
  /** The first line of standard input. */
  input?: string
}

/**
 * Runs the command line in this process.
 * @returns its exit code, and what it wrote; asked questions are in `err`
 */
export async function latchkey(
  args: readonly string[],
  { env = {}, answers, input }: Options = {},
) {
  const said: Said = { code: 0, out: '', err: '' }
  const err = (text: string) => {
    said.err += text
  }
  const ask = async (question: string) => {
    err(`${question}\n`)
    return answers?.shift() ?? assert.fail(`nobody answers "${question}"`)
  }
  said.code = await runCli(args, {
    env: { PATH: process.env.PATH, ...env },
    out: (text) => {
      said.out += text
    },
    err,
    readLine: async () => input ?? '',
    ask: answers && ask,
  })
  const password = env.DATABASE_URL?.startsWith('mysql') ? new URL(env.DATABASE_URL).password : ''
  for (const secret of [...SECRETS, ...(password === '' ? [] : [password])]) {
    assert.ok(!`${said.out}${said.err}`.includes(secret), `${args.join(' ')} prints a secret`)
  }
  return said
}

/** The command that a line would run, without running it. @throws for a line that is wrong */
export async function commandOf(line: string): Promise<string> {
  let usage = ''
  const program = createProgram(assert.fail, assert.fail, async (word) => {
    usage = word.usage
  })
  await program.parseAsync(line.split(' '), { from: 'user' })
  return usage
}

/** A server that runs, and its operator beside it. */
export async function staffed(t: TestContext, env: Record<string, string> = {}) {
  const url = await freshDatabase(t)
  const server = await startServer(t, { url, env, masterSecrets: [Buffer.from(SECRET)] })
  const settings = {
    ...{ DATABASE_URL: url, SECRET, UPLOADS_DIR: server.uploads, ...env },
    ...{ ARGON2_MEMORY_KIB: '64', ARGON2_TIME: '1' },
  }
  const run = (line: string, options: Options = {}) =>
    latchkey(line.split(' '), { ...options, env: { ...settings, ...options.env } })
  /** The document of a command that is done. */
  const json = async <Body>(line: string): Promise<Body> => {
    const { code, out, err } = await run(`${line} --json`)
    assert.deepEqual({ code, err }, { code: 0, err: '' }, `${line}: ${err}`)
    return JSON.parse(out)
  }
  return { server, url, settings, run, json, folder: join(scratchDirectory(t), 'backup') }
}

/** What an operator does at the command line, to an account by its username or its address. */
export function operator({ services: { administration } }: Pick<TestServer, 'services'>) {
  const { find, change } = administration
  const changed = async (login: string, changes: Parameters<typeof change>[1]) =>
    change(await find(login), changes, OPERATOR)
  return {
    changeRole: (login: string, role: 'user' | 'admin') => changed(login, { role }),
    disable: (login: string) => changed(login, { disabled: true }),
    enable: (login: string) => changed(login, { disabled: false }),
    verifyEmail: async (login: string) => {
      const { id, emailVerified } = await administration.show(await find(login))
      if (!emailVerified) await change(id, { emailVerified: true }, OPERATOR)
      return !emailVerified
    },
    unlock: async (login: string) => administration.unlock(await find(login), OPERATOR),
    endSessionsOf: async (login: string) => administration.endSessions(await find(login), OPERATOR),
    removeFactors: async (login: string) =>
      administration.removeFactors(await find(login), OPERATOR),
    endAllSessions: () => administration.endAllSessions(OPERATOR),
    replaceKeys: () => administration.replaceKeys(OPERATOR),
    sendReset: async (login: string) => administration.sendReset(await find(login), OPERATOR),
  }
}
