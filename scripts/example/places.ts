import type { Options } from './options.ts'
import { freePort } from './ports.ts'

/** Where everything is. All on `localhost`, which passkeys need, and one site for cookies. */
export type Places = {
  ports: { app: number; api: number; provider: number }
  /** The origin of the application. */
  app: string
  /** Where the API listens. */
  api: string
  /** `PUBLIC_URL` of the API: where browsers find it. */
  publicUrl: string
  provider: string
}

type PlaceOptions = Pick<Options, 'port' | 'apiPort' | 'providerPort' | 'hasOneOrigin'>

/** The part of the application's origin that leads to the API, with `--one-origin`. */
export const API_PATH = '/api'

/** @throws Error that names a port that is taken */
export async function choosePlaces(options: PlaceOptions): Promise<Places> {
  const ports = {
    app: await freePort(options.port, '--port'),
    api: await freePort(options.apiPort, '--api-port'),
    provider: await freePort(options.providerPort, '--provider-port'),
  }
  const [app, api, provider] = [ports.app, ports.api, ports.provider].map(
    (port) => `http://localhost:${port}`,
  ) as [string, string, string]
  const publicUrl = options.hasOneOrigin ? `${app}${API_PATH}` : api
  return { ports, app, api, publicUrl, provider }
}
