import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Log } from '../platform/log/log.ts'
import type { Metrics } from '../platform/metrics.ts'

// Prometheus keeps its connection from one scrape to the next, a minute by default.
const LIMITS = {
  headersTimeout: 5000,
  requestTimeout: 5000,
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 1000,
  maxHeaderSize: 8192,
}
const CONNECTIONS = 20
/** For a scraper that does not read its response. */
const CONNECTION_TIMEOUT = 90_000

type Dependencies = { metrics: Pick<Metrics, 'text' | 'contentType'>; log: Pick<Log, 'error'> }

/** Serves `GET /metrics` on its own listener: not public, and readable under a flood. */
export function createMetricsServer({ metrics, log }: Dependencies) {
  const server = createServer(LIMITS, (request, response) => {
    answer(request, response).catch((err) => {
      log.error({ err }, 'the metrics could not be read')
      refuse(response, 500)
    })
  })
  server.maxConnections = CONNECTIONS
  server.timeout = CONNECTION_TIMEOUT

  async function answer({ url = '', method }: IncomingMessage, response: ServerResponse) {
    if (url.split('?', 1)[0] !== '/metrics') return refuse(response, 404)
    if (method !== 'GET' && method !== 'HEAD') return refuse(response, 405, { allow: 'GET, HEAD' })
    const text = await metrics.text()
    response.writeHead(200, {
      'content-type': metrics.contentType,
      'content-length': Buffer.byteLength(text),
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    })
    response.end(text)
  }

  /** @returns the port. @throws Error of the system when it cannot be opened */
  async function listen(host: string, port: number): Promise<number> {
    server.listen(port, host)
    await once(server, 'listening')
    const address = server.address()
    return typeof address === 'object' && address !== null ? address.port : port
  }

  /** Ends at once, so it can close last. */
  function close(): void {
    server.close()
    server.closeAllConnections()
  }

  return { listen, close }
}

/** Nobody reads the body of a refused request, so its connection ends. */
function refuse(response: ServerResponse, status: number, headers: Record<string, string> = {}) {
  response.writeHead(status, { ...headers, connection: 'close' }).end()
}
