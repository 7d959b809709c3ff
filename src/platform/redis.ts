import type { RedisOptions } from 'ioredis'
import type { Log } from './log.ts'

/** How long a request waits for an answer of Redis, in milliseconds. */
const COMMAND_MS = 250
/** How long Redis is left alone after a failure before it is tried again, beside the requests. */
const PAUSE_MS = 1000
/** Nobody waits for a connection but the start of the server. */
const CONNECT_MS = 1000
/** Written to see whether Redis works. */
const PROBE_KEY = 'latchkey:probe'
/** A connection that swallows commands and says nothing is dropped, and another one made. */
const SILENCE_MS = 5000
const RECONNECT_MAX_MS = 2000

type Needs = { url: string; log: Log }

/**
 * A Redis server that may be away at any time, at the start, too. It is asked through `ask` alone, which
 * never throws and never waits long. The library is loaded here, so that a server without Redis does not
 * pay for it.
 */
export async function openRedis({ url, log }: Needs) {
  const { Redis } = await import('ioredis')
  const client = new Redis(optionsOf(url))
  const presence = watchPresence({ log, tryAgain })
  // Without a listener the library would write errors to the console.
  client.on('error', presence.failed)
  client.on('close', presence.failed)
  await client.connect().then(tryAgain, presence.failed)

  /**
   * Asks Redis, unless it is known to be away.
   * @returns undefined when Redis is away or too late, which the log has said
   */
  async function ask<Answer>(question: () => Promise<Answer>): Promise<Answer | undefined> {
    return presence.isAway() ? undefined : await attempt(question)
  }

  async function attempt<Answer>(question: () => Promise<Answer>): Promise<Answer | undefined> {
    try {
      const answer = await question()
      presence.answered()
      return answer
    } catch (error) {
      presence.failed(error)
      return undefined
    }
  }

  /** Whether Redis takes a write: one that is full, or a replica by now, answers and is of no use. */
  async function tryAgain(): Promise<boolean> {
    return (await attempt(() => client.set(PROBE_KEY, '1', 'EX', 60))) !== undefined
  }

  function close(): void {
    client.off('close', presence.failed)
    client.disconnect()
  }

  return { client, ask, isThere: tryAgain, close }
}

/** Read here, since the library lets the query of an address overrule any option, `tls` among them. */
function optionsOf(address: string) {
  const { protocol, hostname, port, username, password, pathname } = new URL(address)
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? 6379 : Number(port),
    username: decodeURIComponent(username),
    password: decodeURIComponent(password),
    db: Number(pathname.slice(1)),
    ...(protocol === 'rediss:' ? { tls: {} } : {}),
    lazyConnect: true,
    connectTimeout: CONNECT_MS,
    commandTimeout: COMMAND_MS,
    socketTimeout: SILENCE_MS,
    // What cannot be asked now is counted here; to ask it later would count it twice.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (times: number) => Math.min(times * 100, RECONNECT_MAX_MS),
    // A server that became a replica refuses writes for ever: look where the name leads now.
    reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
  } satisfies RedisOptions
}

type Watch = { log: Log; tryAgain: () => Promise<boolean> }

/**
 * Knows whether Redis is away, and says so in the log when that changes. Its times are those of the
 * machine, since it guards the patience of clients and not the lifetime of anything.
 */
function watchPresence({ log, tryAgain }: Watch) {
  let isGone = false
  let tryAgainAt = 0

  /** Whoever asks while Redis is away does without; once a second it makes a trial that nobody waits for. */
  function isAway(): boolean {
    const now = performance.now()
    if (isGone && now >= tryAgainAt) {
      tryAgainAt = now + PAUSE_MS
      void tryAgain()
    }
    return isGone
  }

  function failed(error?: unknown): void {
    tryAgainAt = performance.now() + PAUSE_MS
    if (isGone) return
    isGone = true
    log.warn({ reason: reasonOf(error) }, 'Redis is away; this server counts by itself')
  }

  function answered(): void {
    if (isGone) log.info({}, 'Redis is back')
    isGone = false
  }

  return { isAway, failed, answered }
}

/** A code, or the first words: what Redis says of a command may repeat it, and with it a password. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'the connection was closed'
  if ('code' in error && typeof error.code === 'string') return error.code
  return error.message.split(' ', 3).join(' ')
}
