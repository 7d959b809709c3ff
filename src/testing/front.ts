import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { RequestMatch } from './types.ts'

type Serve = (request: IncomingMessage, response: ServerResponse) => void

type Drop = { kind: 'drop'; match: RequestMatch }
type Delay = { kind: 'delay'; match: RequestMatch; milliseconds: number; held: Set<() => void> }

/**
 * Stands between the sockets and the server, where a network would be: loses answers, and holds
 * requests.
 */
export function createFront() {
  const rules = new Set<Drop | Delay>()

  /** Puts itself before a server that does not listen yet. */
  function guard(server: Server): void {
    const listeners = server.listeners('request') as Serve[]
    server.removeAllListeners('request')
    server.on('request', (request, response) => {
      pass(request, response, () => {
        for (const serve of listeners) serve.call(server, request, response)
      })
    })
  }

  function pass(request: IncomingMessage, response: ServerResponse, serve: () => void): void {
    const drop = ruleFor(request, 'drop')
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
    return [...rules].find((rule): rule is Rule => rule.kind === kind && fits(request, rule.match))
  }

  /** @returns what ends it */
  function dropNext(match: RequestMatch): () => void {
    const rule: Drop = { kind: 'drop', match }
    rules.add(rule)
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

function fits({ method, url = '' }: IncomingMessage, match: RequestMatch): boolean {
  const { method: wanted, path } = match
  if (wanted === undefined ? method === 'OPTIONS' : method !== wanted.toUpperCase()) return false
  const [own = ''] = url.split('?')
  if (path === undefined) return true
  return path.endsWith('*') ? own.startsWith(path.slice(0, -1)) : own === path
}
