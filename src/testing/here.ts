import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { ConfigError } from '../config/config.ts'
import { settingWarnings } from '../config/warnings.ts'
import type { Opened } from '../features/feature.ts'
import { type Host, openHost } from './host.ts'
import { createKit } from './kit.ts'
import { lastMail, listMails } from './mails.ts'
import type { Operations } from './operations.ts'
import { addPerson, openSession } from './people.ts'
import { totpCode } from './totp.ts'
import { createTroubles, revokeEverything } from './troubles.ts'
import type { StartOptions, TestLatchkey } from './types.ts'
import { secondsOf } from './virtual-clock.ts'

/** How often a free port may be taken by somebody else before the server has it. */
const TRIES = 5
const BATCHES = 20

/** A server in this process. */
export async function startHere(options: StartOptions): Promise<TestLatchkey> {
  refuseUnknown(options)
  const { host, operations } = await openOperations(options)
  const close = async () => {
    await operations.endTroubles()
    await host.close()
  }
  return createKit({ url: host.url, operations, close: closedOnce(close) })
}

/** Elsewhere the log tells of them, which is silent here. @throws ConfigError */
function refuseUnknown({ settings = {} }: StartOptions): void {
  const issues = settingWarnings({}, Object.keys(settings))
  if (issues.length > 0) throw new ConfigError(issues)
}

/** A server in this process, and what the kit asks of it. @throws Error for production */
export async function openOperations(options: StartOptions) {
  refuseProduction(options)
  const host = await openAtFreePort(options)
  return { host, operations: operationsOf(host) }
}

function refuseProduction({ settings }: StartOptions): void {
  if (settings?.NODE_ENV !== 'production') return
  throw new Error(
    'NODE_ENV=production: the test kit moves the clock and makes up people, so it refuses production.',
  )
}

/** Another server may take a port between the look and the start. */
async function openAtFreePort({ port = 0, ...options }: StartOptions): Promise<Host> {
  for (let tries = 1; ; tries++) {
    try {
      return await openHost({ ...options, port: port === 0 ? await freePort() : port })
    } catch (error) {
      if (port !== 0 || tries === TRIES || !isTaken(error)) throw error
    }
  }
}

function isTaken(error: unknown): boolean {
  return error instanceof Error && (error.cause as NodeJS.ErrnoException)?.code === 'EADDRINUSE'
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return port
}

function operationsOf(host: Host): Operations {
  const { clock, passkeys, site } = host
  const troubles = createTroubles(host)

  async function advance(seconds: number): Promise<number> {
    clock.advance(seconds)
    await runJobs(host.latchkey.opened)
    return clock()
  }

  return {
    now: async () => clock(),
    advance: async (time) => advance(secondsOf(time)),
    addPerson: (wish) => addPerson(host, wish),
    openSession: (userId, wish) => openSession(host, userId, wish),
    mails: (to) => listMails(host, to),
    lastMail: (to, after, timeoutMs) => lastMail(host, to, after, timeoutMs),
    totpCode: async (secret, at = clock()) => totpCode(secret, at),
    newPasskey: async () => passkeys.add(),
    createCredential: async (id, options) => passkeys.create(id, options, site.origin),
    getCredential: async (id, options) => passkeys.get(id, options, site.origin),
    startTrouble: troubles.start,
    endTrouble: async (id) => troubles.end(id),
    endTroubles: async () => troubles.endAll(),
    expireAccessTokens: () => advance(host.config.lifetimes.accessSeconds),
    revokeEverything: () => revokeEverything(host),
    reset: async () => {
      troubles.endAll()
      await host.reset()
    },
  }
}

/** One turn of every job, as timers of the machine give it. One that fails has its next turn. */
async function runJobs(opened: readonly Opened[]): Promise<void> {
  const { signal } = new AbortController()
  const jobs = opened.flatMap(({ jobs = [] }) => jobs)
  for (const { run } of jobs) await run(signal).catch(() => undefined)
  for (const { clean } of opened) {
    for (let batch = 0; batch < BATCHES; batch++) {
      if (!(await clean?.().catch(() => false))) break
    }
  }
}

/** Closing twice is closing once. */
function closedOnce(close: () => Promise<void>): () => Promise<void> {
  let closing: Promise<void> | undefined
  return () => {
    closing ??= close()
    return closing
  }
}
