import { once } from 'node:events'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { RequestMatch } from './types.ts'

const NOTICING_MS = 200

type Serve = (request: IncomingMessage, response: ServerResponse) => void

type Drop = { kind: 'drop'; match: RequestMatch }
type Delay = { kind: 'delay'; match: RequestMatch; milliseconds: number; held: Set<() => void> }

/**
 * Stands between the sockets and the server, where a network would be: loses answers, and holds
 * requests.
 * @param basePath what the addresses of the server begin with; those of a match do not
 */
export function createFront(basePath: string) {
  const rules = new Set<Drop | Delay>()
  const connections = createConnections()

  /** Puts itself before a server that does not listen yet. */
  function guard(server: Server): void {
    const listeners = server.listeners('request') as Serve[]
    server.on('connection', connections.add)
    server.removeAllListeners('request')
    server.on('request', (request, response) => {
      pass(request, response, () => {
        for (const serve of listeners) serve.call(server, request, response)
      })
    })
  }

  function pass(request: IncomingMessage, response: ServerResponse, serve: () => void): void {
    connections.use(request.socket, response)
    const drop = ruleFor(request, 'drop')
    // Nothing else may leave an open connection behind for the request that is meant.
    if ([...rules].some(({ kind }) => kind === 'drop')) response.shouldKeepAlive = false
    if (drop) {
      rules.delete(drop)
      loseAnswer(request, response)
    }
    const delay = ruleFor(request, 'delay')
    if (delay) hold(delay, serve)
    else serve()
  }

  function ruleFor<Kind extends 'drop' | 'delay'>(request: IncomingMessage, kind: Kind) {
    type Rule = Extract<Drop | Delay, { kind: Kind }>
    return [...rules].find(
      (rule): rule is Rule => rule.kind === kind && fits(request, basePath, rule.match),
    )
  }

  /**
   * Browsers send a request again, and tell nobody, when a connection breaks that they had used
   * before. So the next request has to come with a new one. @returns what ends it
   */
  async function dropNext(match: RequestMatch): Promise<() => void> {
    const rule: Drop = { kind: 'drop', match }
    rules.add(rule)
    await connections.endIdle()
    return () => void rules.delete(rule)
  }

  /** @returns what ends it, and serves what is held */
  function delay(milliseconds: number, match: RequestMatch): () => void {
    const rule: Delay = { kind: 'delay', match, milliseconds, held: new Set() }
    rules.add(rule)
    return () => {
      rules.delete(rule)
      for (const release of rule.held) release()
    }
  }

  return { guard, dropNext, delay }
}

/** The connections of a server, and how many requests each of them waits for. */
function createConnections() {
  const waiting = new Map<Socket, number>()

  function count(socket: Socket, change: number): void {
    const now = waiting.get(socket)
    if (now !== undefined) waiting.set(socket, now + change)
  }

  function add(socket: Socket): void {
    waiting.set(socket, 0)
    socket.once('close', () => void waiting.delete(socket))
  }

  function use(socket: Socket, response: ServerResponse): void {
    count(socket, 1)
    response.once('close', () => count(socket, -1))
  }

  /** Waits until clients have noticed. A browser closes late, and looks before it sends. */
  async function endIdle(): Promise<void> {
    const idle = [...waiting].filter(([, requests]) => requests === 0).map(([socket]) => socket)
    const late = AbortSignal.timeout(NOTICING_MS)
    await Promise.all(
      idle.map(async (socket) => {
        socket.end()
        await once(socket, 'close', { signal: late }).catch(() => socket.destroy())
      }),
    )
  }

  return { add, use, endIdle }
}

function hold({ milliseconds, held }: Delay, serve: () => void): void {
  const release = () => {
    clearTimeout(timer)
    held.delete(release)
    serve()
  }
  const timer = setTimeout(release, milliseconds)
  held.add(release)
}

/** The server does its work; the first byte of the answer breaks the connection. */
function loseAnswer({ socket }: IncomingMessage, response: ServerResponse): void {
  const cut = () => {
    socket.destroy()
    return response
  }
  Object.assign(response, { writeHead: cut, flushHeaders: cut, end: cut, write: () => !cut() })
}

function fits(
  { method, url = '' }: IncomingMessage,
  basePath: string,
  match: RequestMatch,
): boolean {
  const { method: wanted, path } = match
  if (wanted === undefined ? method === 'OPTIONS' : method !== wanted.toUpperCase()) return false
  const [whole = ''] = url.split('?')
  const own = whole.startsWith(`${basePath}/`) ? whole.slice(basePath.length) : whole
  if (path === undefined) return true
  return path.endsWith('*') ? own.startsWith(path.slice(0, -1)) : own === path
}
