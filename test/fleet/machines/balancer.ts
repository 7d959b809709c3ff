import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../../support/free-port.ts'
import type { Lifetime } from '../../support/lifetime.ts'
import { startNginx } from '../../support/nginx.ts'

const CHECK_EVERY_MS = 250
const CHECK_LIMIT_MS = 1000

export type Balancer = {
  port: number
  /** Takes servers out by hand, as an operator does before a restart. */
  takeOut: (port: number) => void
  putBack: (port: number) => void
}

/**
 * nginx as docs/stopping.md has it, with the script that asks `/readyz` and writes `down` for a
 * server that does not answer 200.
 */
export async function startBalancer(life: Lifetime, ports: readonly number[]): Promise<Balancer> {
  const port = await freePort()
  const byHand = new Set<number>()
  let red: ReadonlySet<number> = new Set()
  let written = configuration(port, ports, red)
  const nginx = await startNginx(life, port, written)

  function write(): void {
    const down = new Set([...red, ...byHand])
    // With all of them down nginx would answer nobody; so each may try.
    const next = configuration(port, ports, down.size < ports.length ? down : byHand)
    if (next === written) return
    written = next
    nginx.reload(next)
  }

  let isOn = true
  const watching = (async () => {
    for (; isOn; await sleep(CHECK_EVERY_MS)) {
      const ready = await Promise.all(ports.map(isReady))
      red = new Set(ports.filter((_, at) => !ready[at]))
      if (isOn) write()
    }
  })()
  const balancer = {
    port,
    takeOut(server: number) {
      byHand.add(server)
      write()
    },
    putBack(server: number) {
      byHand.delete(server)
      write()
    },
  }
  life.after(async () => {
    isOn = false
    await watching
  })
  return balancer
}

async function isReady(port: number): Promise<boolean> {
  const signal = AbortSignal.timeout(CHECK_LIMIT_MS)
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`, { signal })
    await answer.arrayBuffer()
    return answer.ok
  } catch {
    return false
  }
}

/** The configuration of docs/stopping.md; nginx's own errors are answers of this API, too. */
function configuration(port: number, ports: readonly number[], down: ReadonlySet<number>): string {
  const servers = ports.map(
    (one) => `server 127.0.0.1:${one} max_fails=0${down.has(one) ? ' down' : ''};`,
  )
  return `upstream latchkey { ${servers.join(' ')} keepalive 32; }
    server {
      listen 127.0.0.1:${port} backlog=1024;
      location / {
        proxy_pass http://latchkey;
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        proxy_set_header Host $http_host;
        proxy_set_header X-Forwarded-For $remote_addr;
        proxy_set_header X-Forwarded-Proto $scheme;
        proxy_connect_timeout 2s;
        proxy_read_timeout 90s;
        proxy_next_upstream error timeout;
        add_header X-Served-By $upstream_addr always;
        error_page 502 504 =503 @unavailable;
      }
      location @unavailable {
        internal;
        default_type application/problem+json;
        add_header Retry-After 1 always;
        add_header X-Served-By "nginx for $upstream_addr" always;
        return 503 '{"type":"about:blank","title":"Service Unavailable","status":503,"code":"unavailable","action":"retry"}';
      }
    }`
}
