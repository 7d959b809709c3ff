import { resolve } from 'node:path'
import { parseArgs } from 'node:util'

export type Options = {
  /** Where the application listens; 0 is any free port, here and below. */
  port: number
  apiPort: number
  providerPort: number
  /** Serves what `vite build` makes, instead of the sources. */
  isBuilt: boolean
  /** The API at `/api` of the application's own origin. */
  hasOneOrigin: boolean
  /** Everything that the example writes. */
  folder: string
  isReset: boolean
}

/** How to use it. */
export const USAGE = `npm run example -- [options]

  --port <port>           where the application listens; 5173 by default
  --api-port <port>       where the API listens; 3000 by default
  --provider-port <port>  where the demo provider listens; 4000 by default
  --build                 serve the built application, as in production
  --one-origin            serve the API at /api of the application's own origin
  --data <folder>         where everything is kept; data/example by default
  --reset                 forget everything, and begin with fresh people and data

Settings of the server (docs/settings.md) may stand before it:
  EMAIL_VERIFICATION=required npm run example`

/** @param root the folder of the repository @returns undefined where help is wanted @throws Error */
export function readOptions(args: string[], root: string): Options | undefined {
  const { values } = parseArgs({
    args,
    options: {
      port: { type: 'string', default: '5173' },
      'api-port': { type: 'string', default: '3000' },
      'provider-port': { type: 'string', default: '4000' },
      build: { type: 'boolean', default: false },
      'one-origin': { type: 'boolean', default: false },
      data: { type: 'string', default: `${root}data/example` },
      reset: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return undefined
  return {
    port: portOf('--port', values.port),
    apiPort: portOf('--api-port', values['api-port']),
    providerPort: portOf('--provider-port', values['provider-port']),
    isBuilt: values.build,
    hasOneOrigin: values['one-origin'],
    folder: resolve(values.data),
    isReset: values.reset,
  }
}

function portOf(name: string, text: string): number {
  const port = Number(text)
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port
  throw new Error(`${name} is a number from 0 to 65535, not "${text}".`)
}
